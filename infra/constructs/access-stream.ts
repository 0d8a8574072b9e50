import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Stream, StreamEncryption, StreamMode } from "aws-cdk-lib/aws-kinesis";
import { EventSourceMapping, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import { ACCESS_LOG_MAPPING } from "#infra/description/event-sources.ts";
import type { Settings } from "#infra/settings.ts";

export interface AccessStreamProps {
	readonly settings: Settings;
	readonly counter: DescribedFunction;
}

/** The Kinesis stream of CloudFront's real-time log records, counted in tumbling windows. */
export class AccessStream extends Construct {
	readonly stream: Stream;

	constructor(scope: Construct, id: string, props: AccessStreamProps) {
		super(scope, id);
		const { counter } = props;
		this.stream = new Stream(this, "Stream", {
			streamName: `heliotrope-${props.settings.stage}-accesses`,
			streamMode: StreamMode.ON_DEMAND,
			encryption: StreamEncryption.MANAGED,
			removalPolicy: RemovalPolicy.DESTROY,
		});
		counter.role.addToPolicy(
			new PolicyStatement({
				actions: [
					"kinesis:DescribeStream",
					"kinesis:DescribeStreamSummary",
					"kinesis:GetRecords",
					"kinesis:GetShardIterator",
					"kinesis:ListShards",
				],
				resources: [this.stream.streamArn],
			}),
		);
		const source = new EventSourceMapping(this, "Mapping", {
			target: counter.lambda,
			eventSourceArn: this.stream.streamArn,
			startingPosition: StartingPosition.LATEST,
			batchSize: ACCESS_LOG_MAPPING.batchSize,
			maxBatchingWindow: Duration.seconds(ACCESS_LOG_MAPPING.batchingWindowSeconds),
			tumblingWindow: Duration.seconds(ACCESS_LOG_MAPPING.tumblingWindowSeconds),
		});
		source.node.addDependency(counter.role);
	}
}
