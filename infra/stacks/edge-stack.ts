import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { ArnFormat, CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
	AllowedMethods,
	type BehaviorOptions,
	CachedMethods,
	CachePolicy,
	type CfnDistribution,
	Function as CloudFrontFunction,
	Distribution,
	type EdgeLambda,
	Endpoint,
	FunctionCode,
	FunctionEventType,
	FunctionRuntime,
	HttpVersion,
	LambdaEdgeEventType,
	OriginProtocolPolicy,
	OriginRequestPolicy,
	OriginSslPolicy,
	PriceClass,
	RealtimeLogConfig,
	ResponseHeadersPolicy,
	SecurityPolicyProtocol,
	ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Source } from "aws-cdk-lib/aws-s3-deployment";
import { CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import type { Construct } from "constructs";
import { regionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { DescribedAlarms } from "#infra/constructs/described-alarms.ts";
import { EdgeFunction } from "#infra/constructs/edge-function.ts";
import { StaticFiles } from "#infra/constructs/static-files.ts";
import { EDGE_DISTRIBUTION, ERROR_RESPONSE, GROUP_ORIGINS_SOURCE, groupOriginsCode } from "#infra/description/edge.ts";
import { accessStreamName, REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import type { Settings } from "#infra/settings.ts";

export interface EdgeStackProps extends StackProps {
	readonly settings: Settings;
}

/** Where CloudFront keeps what it reads from templates: functions, certificates, firewalls. */
export const EDGE_REGION = regionId("us-east-1");

/** Data planes, and the error pages. */
const ORIGINS_OF_BEHAVIORS = 2;

const EVENTS: Readonly<Record<string, LambdaEdgeEventType>> = {
	"origin-request": LambdaEdgeEventType.ORIGIN_REQUEST,
	"origin-response": LambdaEdgeEventType.ORIGIN_RESPONSE,
};

/** The viewers' way in: a distribution that caches nothing and asks a function where each request goes, and a record of every access. */
export class EdgeStack extends Stack {
	constructor(scope: Construct, id: string, props: EdgeStackProps) {
		super(scope, id, props);
		const { settings } = props;
		const distribution = new Distribution(this, "distribution", {
			comment: `Heliotrope ${settings.stage}`,
			defaultBehavior: this.#behavior(settings),
			additionalBehaviors: { [`${posix.dirname(ERROR_RESPONSE.path)}/*`]: this.#errorPages(settings) },
			errorResponses: ERROR_RESPONSE.replaces.map((httpStatus) => ({
				httpStatus,
				responseHttpStatus: ERROR_RESPONSE.status,
				responsePagePath: ERROR_RESPONSE.path,
				ttl: Duration.seconds(0),
			})),
			httpVersion: HttpVersion.HTTP2_AND_3,
			priceClass: PriceClass.PRICE_CLASS_ALL,
			publishAdditionalMetrics: true,
			...(settings.domain === undefined
				? {}
				: {
						domainNames: [...settings.domain.names],
						certificate: Certificate.fromCertificateArn(this, "certificate", settings.domain.certificateArn),
						minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
					}),
			...(settings.firewall === undefined ? {} : { webAclId: this.#firewall(settings, settings.firewall.requestsPerFiveMinutes) }),
		});
		this.#addSecondOrigin(distribution, settings);
		acknowledge(distribution, "AwsSolutions-CFR1", "The data API has viewers everywhere; where data may lie is for residency rules.");
		acknowledge(distribution, "AwsSolutions-CFR2", "A firewall costs by the request; the setting `firewall` adds one.");
		acknowledge(distribution, "AwsSolutions-CFR3", "Every access is recorded by real-time logs, which the archive keeps.");
		acknowledge(
			distribution,
			"AwsSolutions-CFR4",
			"CloudFront's own certificate fixes the protocol; with the setting `domain` it is TLS 1.2.",
		);
		new DescribedAlarms(this, "alarms", { settings, where: "edge", distributionId: distribution.distributionId });
		new CfnOutput(this, "EdgeUrl", {
			value: `https://${distribution.distributionDomainName}`,
			description: "Where viewers send requests.",
		});
		new CfnOutput(this, "DistributionId", { value: distribution.distributionId });
	}

	/**
	 * One origin, whose name the function replaces in every request: CloudFront refuses an origin group in a behaviour that takes writes.
	 * A CloudFront Function makes a group of it and the second one for each request that may be repeated (docs/adr/0601).
	 */
	#behavior(settings: Settings): BehaviorOptions {
		return {
			origin: this.#attempt(settings, 0),
			allowedMethods: AllowedMethods.ALLOW_ALL,
			// A group fails over for OPTIONS only where it might be cached
			cachedMethods: CachedMethods.CACHE_GET_HEAD_OPTIONS,
			cachePolicy: CachePolicy.CACHING_DISABLED,
			originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022,
			viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
			compress: false,
			functionAssociations: [{ eventType: FunctionEventType.VIEWER_REQUEST, function: this.#groupOrigins(settings) }],
			edgeLambdas: this.#functions(settings),
			realtimeLogConfig: this.#accessRecords(settings),
		};
	}

	/** The origin of the first or the second attempt: a name that resolves, and for the second the header by which the function knows it. */
	#attempt({ controlRegion }: Settings, index: 0 | 1): HttpOrigin {
		const { connection, originGroup } = EDGE_DISTRIBUTION;
		const { name, value } = originGroup.secondOriginHeader;
		return new HttpOrigin(`lambda.${controlRegion}.amazonaws.com`, {
			originId: originGroup.originIds[index],
			protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
			originSslProtocols: [OriginSslPolicy.TLS_V1_2],
			connectionAttempts: connection.attempts,
			connectionTimeout: Duration.seconds(connection.timeoutSeconds),
			...(index === 1 ? { customHeaders: { [name]: value } } : {}),
		});
	}

	#groupOrigins({ stage }: Settings): CloudFrontFunction {
		return new CloudFrontFunction(this, EDGE_DISTRIBUTION.originGroup.function, {
			functionName: `heliotrope-${stage}-${EDGE_DISTRIBUTION.originGroup.function}`,
			runtime: FunctionRuntime.JS_2_0,
			code: FunctionCode.fromInline(groupOriginsCode(readFileSync(GROUP_ORIGINS_SOURCE, "utf8"))),
			comment: "Gives reads a second origin.",
		});
	}

	/** The library knows origins by the behaviours that have them; the second attempt's has none. */
	#addSecondOrigin(distribution: Distribution, settings: Settings): void {
		const { originProperty } = this.#attempt(settings, 1).bind(this, { originId: EDGE_DISTRIBUTION.originGroup.originIds[1] });
		const config = distribution.node.defaultChild as CfnDistribution;
		config.addPropertyOverride(`DistributionConfig.Origins.${ORIGINS_OF_BEHAVIORS}`, capitalized(originProperty));
	}

	/** Where a region that is away is told from: the data API has one way to say that a request may be tried again. */
	#errorPages(settings: Settings): BehaviorOptions {
		const { body, headers, path } = ERROR_RESPONSE;
		const files = new StaticFiles(this, "errors", { settings, purpose: "errors" });
		files.publish([Source.data(path.slice(1), body)], headers["content-type"]);
		return {
			origin: S3BucketOrigin.withOriginAccessControl(files.bucket as IBucket),
			cachePolicy: CachePolicy.CACHING_DISABLED,
			viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
			responseHeadersPolicy: new ResponseHeadersPolicy(this, "error-headers", {
				responseHeadersPolicyName: `heliotrope-${settings.stage}-errors`,
				customHeadersBehavior: { customHeaders: [{ header: "Retry-After", value: headers["retry-after"], override: true }] },
			}),
		};
	}

	#functions(settings: Settings): EdgeLambda[] {
		const versions = new Map(
			FUNCTIONS.filter(({ name }) => EDGE_DISTRIBUTION.associations.some((association) => association.function === name)).map(
				(description) => [description.name as string, new EdgeFunction(this, description.name, { settings, description }).version],
			),
		);
		return EDGE_DISTRIBUTION.associations.map((association) => {
			const [functionVersion, eventType] = [versions.get(association.function), EVENTS[association.event]];
			if (functionVersion === undefined || eventType === undefined)
				throw new TypeError(`${association.function} cannot take ${association.event}`);
			return { functionVersion, eventType, ...(association.includeBody ? { includeBody: true } : {}) } as EdgeLambda;
		});
	}

	/** Every request, into the control region's stream, in the order of fields that the counter reads. */
	#accessRecords(settings: Settings): RealtimeLogConfig {
		const streamArn = this.formatArn({
			service: "kinesis",
			region: settings.controlRegion,
			resource: "stream",
			arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
			resourceName: accessStreamName(settings.stage),
		});
		const role = new Role(this, "access-records-role", { assumedBy: new ServicePrincipal("cloudfront.amazonaws.com") });
		role.addToPolicy(
			new PolicyStatement({
				actions: ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"],
				resources: [streamArn],
			}),
		);
		const config = new RealtimeLogConfig(this, "access-records", {
			realtimeLogConfigName: `heliotrope-${settings.stage}-accesses`,
			endPoints: [Endpoint.fromKinesisStream(Stream.fromStreamArn(this, "accesses", streamArn), role)],
			fields: [...REAL_TIME_LOG_FIELDS],
			samplingRate: 100,
		});
		config.node.addDependency(role);
		return config;
	}

	#firewall({ stage }: Settings, limit: number): string {
		const metric = (metricName: string) => ({ cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false, metricName });
		return new CfnWebACL(this, "firewall", {
			name: `heliotrope-${stage}-edge`,
			scope: "CLOUDFRONT",
			defaultAction: { allow: {} },
			visibilityConfig: metric("edge"),
			rules: [
				{
					name: "rate",
					priority: 0,
					action: { block: {} },
					statement: { rateBasedStatement: { limit, aggregateKeyType: "IP", evaluationWindowSec: 300 } },
					visibilityConfig: metric("rate"),
				},
			],
		}).attrArn;
	}
}

/** Property names as templates write them. */
function capitalized(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(capitalized);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, inner]) => inner !== undefined)
			.map(([key, inner]) => [SPELLED[key] ?? `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`, capitalized(inner)]),
	);
}
const SPELLED: Readonly<Record<string, string>> = {
	originSslProtocols: "OriginSSLProtocols",
	httpPort: "HTTPPort",
	httpsPort: "HTTPSPort",
};
