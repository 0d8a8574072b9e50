import { Duration } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { DeadLetters } from "#infra/constructs/dead-letters.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import type { StreamMapping } from "#infra/description/event-sources.ts";
import { functionName } from "#infra/description/functions.ts";
import { KEY } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface StreamCarrierProps {
	readonly settings: Settings;
	readonly mapping: StreamMapping;
	readonly table: TableV2;
	readonly carrier: DescribedFunction;
}

/** A stream forgets after 24 hours; what could be neither carried nor parked until then is named before it is forgotten. */
const MAX_RECORD_AGE = Duration.minutes(23 * 60 + 30);

/** Feeds a table's stream to a function. A failed record is tried again for nearly as long as the stream keeps it: a write that is owed is not dropped. */
export class StreamCarrier extends Construct {
	constructor(scope: Construct, id: string, props: StreamCarrierProps) {
		super(scope, id);
		const { settings, mapping, table, carrier } = props;
		const streamArn = table.tableStreamArn;
		if (streamArn === undefined) throw new TypeError(`the table ${mapping.table} has no stream to feed ${mapping.function} from`);
		carrier.role.addToPolicy(
			new PolicyStatement({
				actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
				resources: [streamArn],
			}),
		);
		carrier.role.addToPolicy(new PolicyStatement({ actions: ["dynamodb:ListStreams"], resources: ["*"] }));
		acknowledge(carrier.role, "AwsSolutions-IAM5[Resource::*]", "dynamodb:ListStreams cannot be narrowed to a resource.");
		const queueName = `${functionName(settings.stage, mapping.function)}-dead-letters`;
		const deadLetters = new DeadLetters(this, "DeadLetters", { queueName, role: carrier.role });
		const source = new EventSourceMapping(this, "Mapping", {
			target: carrier.lambda,
			eventSourceArn: streamArn,
			startingPosition: StartingPosition.TRIM_HORIZON,
			batchSize: mapping.batchSize,
			parallelizationFactor: settings.capacity.carriersPerShard,
			reportBatchItemFailures: true,
			bisectBatchOnError: true,
			maxRecordAge: MAX_RECORD_AGE,
			onFailure: deadLetters.destination,
			filters: [FilterCriteria.filter({ dynamodb: { Keys: { [KEY.sortKey]: { S: FilterRule.beginsWith(mapping.sortKeyPrefix) } } } })],
		});
		source.node.addDependency(carrier.role);
	}
}
