import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { KEY, type TableDescription, tableName } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface DescribedTableProps {
	readonly settings: Settings;
	readonly table: TableDescription;
	/** Regions besides the stack's own that hold a replica. @default none */
	readonly replicas?: readonly RegionId[];
}

const string = (name: string) => ({ name, type: AttributeType.STRING });

/** One table of infra/description/tables.ts: on demand, encrypted with the account's DynamoDB key, with point-in-time recovery. */
export class DescribedTable extends Construct {
	readonly table: TableV2;

	constructor(scope: Construct, id: string, props: DescribedTableProps) {
		super(scope, id);
		const { settings, table } = props;
		this.table = new TableV2(this, "Table", {
			tableName: tableName(settings.stage, table.name),
			partitionKey: string(KEY.partitionKey),
			sortKey: string(KEY.sortKey),
			timeToLiveAttribute: KEY.expiry,
			billing: Billing.onDemand(),
			encryption: TableEncryptionV2.awsManagedKey(),
			pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
			deletionProtection: settings.protectData,
			removalPolicy: settings.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
			globalSecondaryIndexes: (table.indexes ?? []).map((index) => ({
				indexName: index.name,
				partitionKey: string(index.partitionKey),
				sortKey: string(index.sortKey),
			})),
			replicas: (props.replicas ?? []).map((region) => ({ region })),
			...(table.stream === undefined ? {} : { dynamoStream: StreamViewType[table.stream] }),
		});
	}
}
