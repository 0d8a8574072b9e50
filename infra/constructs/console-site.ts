import { Duration, Stack } from "aws-cdk-lib";
import {
	AllowedMethods,
	type BehaviorOptions,
	CachePolicy,
	Distribution,
	HeadersFrameOption,
	HeadersReferrerPolicy,
	HttpVersion,
	type IOrigin,
	OriginProtocolPolicy,
	OriginRequestPolicy,
	OriginSslPolicy,
	ResponseHeadersPolicy,
	ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { buildConsolePage } from "#infra/constructs/console-page.ts";
import type { ConsoleUsers } from "#infra/constructs/console-users.ts";
import { StaticFiles } from "#infra/constructs/static-files.ts";
import { CONSOLE_FOLDER, type ConsoleConfig, consolePolicy } from "#infra/description/console.ts";
import type { Settings } from "#infra/settings.ts";

export interface ConsoleSiteProps {
	readonly settings: Settings;
	readonly users: ConsoleUsers;
	/** Host name of the API that the page reads. */
	readonly apiDomainName: string;
}

/** The page and its API under one name, so that the page asks nobody else but who signs in: a distribution over a bucket and the API. */
export class ConsoleSite extends Construct {
	readonly url: string;
	readonly #files: StaticFiles;

	constructor(scope: Construct, id: string, props: ConsoleSiteProps) {
		super(scope, id);
		const { settings, users, apiDomainName } = props;
		this.#files = new StaticFiles(this, "Page", { settings, purpose: "console" });
		const headers = this.#headers(settings, users);
		const behavior = (origin: IOrigin): BehaviorOptions => ({
			origin,
			cachePolicy: CachePolicy.CACHING_DISABLED,
			viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
			allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
			responseHeadersPolicy: headers,
		});
		const api = new HttpOrigin(apiDomainName, {
			protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
			originSslProtocols: [OriginSslPolicy.TLS_V1_2],
		});
		const distribution = new Distribution(this, "Distribution", {
			comment: `Heliotrope ${settings.stage} console`,
			defaultRootObject: "index.html",
			defaultBehavior: behavior(S3BucketOrigin.withOriginAccessControl(this.#files.bucket as IBucket)),
			additionalBehaviors: {
				"/admin/*": { ...behavior(api), originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER },
			},
			httpVersion: HttpVersion.HTTP2_AND_3,
		});
		acknowledge(distribution, "AwsSolutions-CFR1", "Operators may be anywhere; they sign in.");
		acknowledge(distribution, "AwsSolutions-CFR2", "A page of files and an API that wants a token and is throttled.");
		acknowledge(distribution, "AwsSolutions-CFR3", "The API logs who asks for what; the page is the same for all.");
		acknowledge(distribution, "AwsSolutions-CFR4", "CloudFront's own certificate fixes the protocol.");
		this.url = `https://${distribution.distributionDomainName}/`;
	}

	/** Puts the page there, and beside it who signs in: a client that knows the page's address. */
	publish(config: ConsoleConfig): void {
		// Tests of templates need no bundle
		const folder = Stack.of(this).bundlingRequired ? buildConsolePage() : CONSOLE_FOLDER;
		this.#files.publish([Source.asset(folder), Source.jsonData("config.json", config)]);
	}

	#headers({ stage, controlRegion }: Settings, users: ConsoleUsers): ResponseHeadersPolicy {
		const identity = `https://cognito-idp.${controlRegion}.${Stack.of(this).urlSuffix}`;
		return new ResponseHeadersPolicy(this, "Headers", {
			responseHeadersPolicyName: `heliotrope-${stage}-console`,
			securityHeadersBehavior: {
				contentSecurityPolicy: { contentSecurityPolicy: consolePolicy([identity, users.signInUrl]), override: true },
				contentTypeOptions: { override: true },
				frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
				referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
				strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true },
			},
		});
	}
}
