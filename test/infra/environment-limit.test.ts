import { Aws } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { checkEnvironment } from "#infra/constructs/environment-limit.ts";
import { parseSettings, SettingsError, type SettingsInput } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { testApp } from "#test/infra/stacks/synthesized.ts";

const synthesizing = (more: Partial<SettingsInput>) => (): unknown =>
	composeStacks(testApp(), parseSettings({ stage: "try", regions: ["us-east-1", "eu-west-1"], controlRegion: "us-east-1", ...more }));

const rules = (count: number) => Array.from({ length: count }, (_, n) => ({ partitions: `tenant-${n}-*`, regions: ["eu-west-1"] }));
const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`team-${n}`, "x".repeat(256)]));
const issuers = (count: number) =>
	Array.from({ length: count }, (_, n) => ({
		issuer: `https://login-${n}.example.com/realms/heliotrope`,
		audience: "heliotrope",
		partitions: { claim: "tenant" },
	}));

describe("what functions are told", () => {
	test("fits into their variables with settings for some", () => {
		expect(synthesizing({ residency: rules(40), tags: tags(8), access: { mode: "oidc", issuers: issuers(3) } })).not.toThrow();
	});

	test.each<[string, string, Partial<SettingsInput>]>([
		["residency", "serve-data", { residency: rules(80) }],
		["access", "serve-data", { access: { mode: "oidc", issuers: issuers(20) } }],
		["tags", "restore-model", { tags: tags(16) }],
	])("is refused where %s is more than Lambda takes, with the function and how much has to go", (field, name, more) => {
		expect(synthesizing(more)).toThrow(SettingsError);
		expect(synthesizing(more)).toThrow(
			new RegExp(`^  ${field}: takes \\d+ of the 4096 bytes .* heliotrope-try-${name}; it has to be \\d+ bytes less`),
		);
	});
});

test("variables are counted in UTF-8, names as well as values, and what CloudFormation fills in for more than it is", () => {
	const full = (value: string) => () => checkEnvironment("f", { STAGE: "x".repeat(4000), ACCESS: value });
	expect(full("y".repeat(85))).not.toThrow();
	expect(full("y".repeat(86))).toThrow("STAGE: takes 4005 of the 4096 bytes");
	expect(full(`${"y".repeat(83)}é`)).not.toThrow();
	expect(full(`${"y".repeat(84)}é`)).toThrow("1 bytes less");
	expect(full(`${"y".repeat(53)}${Aws.ACCOUNT_ID}`)).not.toThrow();
	expect(full(`${"y".repeat(54)}${Aws.ACCOUNT_ID}`)).toThrow("1 bytes less");
});
