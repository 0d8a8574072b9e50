import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Stream, StreamEncryption, StreamMode } from "aws-cdk-lib/aws-kinesis";
import { EventSourceMapping, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { DeadLetters } from "#infra/constructs/dead-letters.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import { ACCESS_LOG_MAPPING, accessStreamName } from "#infra/description/event-sources.ts";
import { functionName } from "#infra/description/functions.ts";
import type { Settings } from "#infra/settings.ts";

export interface AccessStreamProps {
	readonly settings: Settings;
	readonly counter: DescribedFunction;
}

/** Counting is for forecasts: what could not be counted in so many tries is named and passed over, so that newer accesses count. */
const RETRY_ATTEMPTS = 20;

/** The Kinesis stream of CloudFront's real-time log records, counted in tumbling windows. */
export class AccessStream extends Construct {
	readonly stream: Stream;

	constructor(scope: Construct, id: string, props: AccessStreamProps) {
		super(scope, id);
		const { settings, counter } = props;
		this.stream = new Stream(this, "Stream", {
			streamName: accessStreamName(settings.stage),
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
		const queueName = `${functionName(settings.stage, ACCESS_LOG_MAPPING.function)}-dead-letters`;
		const deadLetters = new DeadLetters(this, "DeadLetters", { queueName, role: counter.role });
		const source = new EventSourceMapping(this, "Mapping", {
			target: counter.lambda,
			eventSourceArn: this.stream.streamArn,
			startingPosition: StartingPosition.LATEST,
			batchSize: ACCESS_LOG_MAPPING.batchSize,
			maxBatchingWindow: Duration.seconds(ACCESS_LOG_MAPPING.batchingWindowSeconds),
			tumblingWindow: Duration.seconds(ACCESS_LOG_MAPPING.tumblingWindowSeconds),
			bisectBatchOnError: true,
			retryAttempts: RETRY_ATTEMPTS,
			onFailure: deadLetters.destination,
		});
		source.node.addDependency(counter.role);
	}
}
