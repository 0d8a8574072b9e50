import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { parseSettings, type SettingsInput } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { redact } from "#test/infra/stacks/redact.ts";
import { rolesIn } from "#test/infra/stacks/snapshots.ts";
import { propertiesOf, testApp } from "#test/infra/stacks/synthesized.ts";

function consoleOf(more: Partial<SettingsInput>): Template {
	const app = testApp();
	const base = { stage: "try", regions: ["us-east-1"], controlRegion: "us-east-1", account: "123456789012" };
	const stacks = composeStacks(app, parseSettings({ ...base, ...more }));
	return Template.fromStack(Stack.of(stacks.console));
}

function one(template: Template, type: string): Record<string, unknown> {
	const [found, ...others] = propertiesOf(template, type);
	expect(others, type).toEqual([]);
	expect(found, type).toBeDefined();
	return found ?? {};
}

const idOf = (template: Template, type: string): string => Object.keys(template.findResources(type))[0] ?? "";

describe("the console for accounts of a user pool", () => {
	const template = consoleOf({ console: { kind: "cognito", operators: ["ops@example.com"] } });
	const [pool, client] = ["AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"].map((type) => ({ Ref: idOf(template, type) }));

	test("is as reviewed, and so are its roles", async () => {
		const text = `${JSON.stringify(template.toJSON(), null, "\t")}\n`;
		await expect(redact(text)).toMatchFileSnapshot("./snapshots/heliotrope-try-console-cognito.template.snap");
		await expect(redact(rolesIn(template))).toMatchFileSnapshot("./snapshots/heliotrope-try-console-cognito.roles.snap");
	});

	test("has accounts that operators make, with a second factor, and keeps them as long as data is protected", () => {
		expect(one(template, "AWS::Cognito::UserPool")).toMatchObject({
			AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
			MfaConfiguration: "ON",
			EnabledMfas: ["SOFTWARE_TOKEN_MFA"],
			DeletionProtection: "ACTIVE",
			Policies: { PasswordPolicy: { MinimumLength: 12 } },
		});
		expect(one(template, "AWS::Cognito::UserPoolUser")).toMatchObject({ Username: "ops@example.com", UserPoolId: pool });
		const open = consoleOf({ console: { kind: "cognito" }, protectData: false });
		expect(one(open, "AWS::Cognito::UserPool")).toMatchObject({ DeletionProtection: "INACTIVE" });
		expect(Object.values(open.findResources("AWS::Cognito::UserPool"))[0]?.["DeletionPolicy"]).toBe("Delete");
	});

	test("knows an operator by the address, whoever else is named before", () => {
		const idsOf = (...operators: string[]): Readonly<Record<string, string>> => {
			const users = consoleOf({ console: { kind: "cognito", operators } }).findResources("AWS::Cognito::UserPoolUser");
			return Object.fromEntries(Object.entries(users).map(([id, user]) => [String(user["Properties"]?.Username), id]));
		};
		const [a, b, c] = ["a.b@example.com", "ab@example.com", "ops@example.com"] as const;
		const all = idsOf(a, b, c);
		expect(Object.keys(all)).toHaveLength(3);
		expect(idsOf(c, a)).toEqual({ [a]: all[a], [c]: all[c] });
	});

	test("signs in by a code, keeps no secret, and leads back to the page only", () => {
		const found = one(template, "AWS::Cognito::UserPoolClient");
		expect(found).toMatchObject({ UserPoolId: pool, AllowedOAuthFlows: ["code"], GenerateSecret: false, EnableTokenRevocation: true });
		expect(found["CallbackURLs"]).toEqual(found["LogoutURLs"]);
		expect(JSON.stringify(found["CallbackURLs"])).toContain(idOf(template, "AWS::CloudFront::Distribution"));
	});

	test("lets who is signed in read the admin API, and nobody write", () => {
		const authorizer = { Ref: idOf(template, "AWS::ApiGatewayV2::Authorizer") };
		expect(one(template, "AWS::ApiGatewayV2::Route")).toMatchObject({
			RouteKey: "GET /admin/v1/{proxy+}",
			AuthorizationType: "JWT",
			AuthorizerId: authorizer,
		});
		const jwt = one(template, "AWS::ApiGatewayV2::Authorizer")["JwtConfiguration"] as { Audience: unknown; Issuer: unknown };
		expect(jwt.Audience).toEqual([client]);
		expect(JSON.stringify(jwt.Issuer)).toContain(pool?.Ref);
		expect(one(template, "AWS::ApiGatewayV2::Stage")).toMatchObject({
			AccessLogSettings: { DestinationArn: expect.anything() },
			DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 },
		});
	});

	test("logs who asked for what, by what an HTTP API knows: not by the fields of a REST API, which would be empty", () => {
		const { Format } = one(template, "AWS::ApiGatewayV2::Stage")["AccessLogSettings"] as { readonly Format: string };
		const logged = Object.values(JSON.parse(Format) as Record<string, string>);
		expect(logged).toEqual(
			expect.arrayContaining(["$context.requestId", "$context.routeKey", "$context.path", "$context.authorizer.claims.sub"]),
		);
		for (const field of logged) expect(field).not.toMatch(/^\$context\.(resourcePath|identity\.(user|caller))$/);
	});

	test("answers page and API under one name, by HTTPS, uncached, for reading", () => {
		const config = one(template, "AWS::CloudFront::Distribution")["DistributionConfig"] as Record<string, unknown>;
		const behavior = {
			CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
			ViewerProtocolPolicy: "https-only",
			AllowedMethods: ["GET", "HEAD"],
			ResponseHeadersPolicyId: { Ref: idOf(template, "AWS::CloudFront::ResponseHeadersPolicy") },
		};
		expect(config["DefaultCacheBehavior"]).toMatchObject(behavior);
		expect(config["CacheBehaviors"]).toEqual([expect.objectContaining({ ...behavior, PathPattern: "/admin/*" })]);
		const origins = config["Origins"] as { S3OriginConfig?: unknown; OriginAccessControlId?: unknown }[];
		expect(origins).toHaveLength(2);
		expect(origins.find(({ S3OriginConfig }) => S3OriginConfig !== undefined)?.OriginAccessControlId).toBeDefined();
		const { SecurityHeadersConfig: headers } = one(template, "AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"] as {
			SecurityHeadersConfig: { ContentSecurityPolicy: unknown };
		};
		expect(JSON.stringify(headers.ContentSecurityPolicy)).toContain("default-src 'self'");
		expect(headers).toMatchObject({ FrameOptions: { FrameOption: "DENY" }, StrictTransportSecurity: { Override: true } });
	});

	test("says in its outputs where the page is, and where accounts are made", () => {
		expect(Object.keys(template.findOutputs("*"))).toEqual(expect.arrayContaining(["AdminUrl", "ConsoleUrl", "UserPoolId"]));
	});
});

test("without accounts there is no page and no API but the one behind IAM", () => {
	const template = consoleOf({ console: { kind: "iam" } });
	for (const type of ["AWS::Cognito::UserPool", "AWS::ApiGatewayV2::Api", "AWS::CloudFront::Distribution", "AWS::S3::Bucket"])
		template.resourceCountIs(type, 0);
	expect(one(template, "AWS::Lambda::Url")).toMatchObject({ AuthType: "AWS_IAM" });
});
