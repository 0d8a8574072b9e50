import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import type { StreamMapping } from "#infra/description/event-sources.ts";
import { KEY } from "#infra/description/tables.ts";

export interface StreamCarrierProps {
	readonly mapping: StreamMapping;
	readonly table: TableV2;
	readonly carrier: DescribedFunction;
}

/** Feeds a table's stream to a function. Failed records are retried until they leave the stream: a write that is owed is never dropped. */
export class StreamCarrier extends Construct {
	constructor(scope: Construct, id: string, props: StreamCarrierProps) {
		super(scope, id);
		const { mapping, table, carrier } = props;
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
		const source = new EventSourceMapping(this, "Mapping", {
			target: carrier.lambda,
			eventSourceArn: streamArn,
			startingPosition: StartingPosition.TRIM_HORIZON,
			batchSize: mapping.batchSize,
			reportBatchItemFailures: true,
			filters: [FilterCriteria.filter({ dynamodb: { Keys: { [KEY.sortKey]: { S: FilterRule.beginsWith(mapping.sortKeyPrefix) } } } })],
		});
		source.node.addDependency(carrier.role);
	}
}
