import { ArnFormat, CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
	AllowedMethods,
	type BehaviorOptions,
	CachePolicy,
	Distribution,
	type EdgeLambda,
	Endpoint,
	HttpVersion,
	LambdaEdgeEventType,
	OriginProtocolPolicy,
	OriginRequestPolicy,
	OriginSslPolicy,
	PriceClass,
	RealtimeLogConfig,
	SecurityPolicyProtocol,
	ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import type { Construct } from "constructs";
import { regionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { DescribedAlarms } from "#infra/constructs/described-alarms.ts";
import { EdgeFunction } from "#infra/constructs/edge-function.ts";
import { EDGE_DISTRIBUTION } from "#infra/description/edge.ts";
import { accessStreamName, REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import type { Settings } from "#infra/settings.ts";

export interface EdgeStackProps extends StackProps {
	readonly settings: Settings;
}

/** Where CloudFront keeps what it reads from templates: functions, certificates, firewalls. */
export const EDGE_REGION = regionId("us-east-1");

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
	 * One origin, whose name the function replaces in every request. CloudFront refuses an origin group in a behaviour that takes writes,
	 * so there is no second attempt at reads here. @see https://github.com/aws/aws-cdk/issues/32450
	 */
	#behavior(settings: Settings): BehaviorOptions {
		const { attempts, timeoutSeconds } = EDGE_DISTRIBUTION.connection;
		return {
			origin: new HttpOrigin(`lambda.${settings.controlRegion}.amazonaws.com`, {
				protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
				originSslProtocols: [OriginSslPolicy.TLS_V1_2],
				connectionAttempts: attempts,
				connectionTimeout: Duration.seconds(timeoutSeconds),
			}),
			allowedMethods: AllowedMethods.ALLOW_ALL,
			cachePolicy: CachePolicy.CACHING_DISABLED,
			originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022,
			viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
			compress: false,
			edgeLambdas: this.#functions(settings),
			realtimeLogConfig: this.#accessRecords(settings),
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
