import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { keptIf } from "#infra/constructs/kept.ts";
import { KEY, type TableDescription, TableName, tableName } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface DescribedTableProps {
	readonly settings: Settings;
	readonly table: TableDescription;
	/** The region of the stack. */
	readonly region: RegionId;
	/** Regions besides the stack's own that hold a replica. @default none */
	readonly replicas?: readonly RegionId[];
}

const string = (name: string) => ({ name, type: AttributeType.STRING });

/** One table of infra/description/tables.ts: on demand, encrypted by KMS, with point-in-time recovery, in every replica. */
export class DescribedTable extends Construct {
	readonly table: TableV2;

	constructor(scope: Construct, id: string, props: DescribedTableProps) {
		super(scope, id);
		const { settings, table } = props;
		const replicas = props.replicas ?? [];
		this.table = new TableV2(this, "Table", {
			tableName: tableName(settings.stage, table.name),
			partitionKey: string(KEY.partitionKey),
			sortKey: string(KEY.sortKey),
			timeToLiveAttribute: KEY.expiry,
			billing: billingOf(settings, table),
			encryption: this.#encryption(settings, props.region, replicas),
			pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
			deletionProtection: settings.protectData,
			removalPolicy: keptIf(settings.protectData),
			globalSecondaryIndexes: (table.indexes ?? []).map((index) => ({
				indexName: index.name,
				partitionKey: string(index.partitionKey),
				sortKey: string(index.sortKey),
			})),
			replicas: replicas.map((region) => ({
				region,
				deletionProtection: settings.protectData,
				pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
			})),
			...(table.stream === undefined ? {} : { dynamoStream: StreamViewType[table.stream] }),
		});
	}

	#encryption({ encryption }: Settings, region: RegionId, replicas: readonly RegionId[]): TableEncryptionV2 {
		if (encryption.kind === "aws-managed") return TableEncryptionV2.awsManagedKey();
		const { keyArns } = encryption;
		const arnOf = (at: RegionId): string => keyArns[at] ?? "";
		return TableEncryptionV2.customerManagedKey(
			Key.fromKeyArn(this, "Key", arnOf(region)),
			Object.fromEntries(replicas.map((replica) => [replica, arnOf(replica)])),
		);
	}
}

/** On demand; the data tables with the limit that the settings name. */
function billingOf({ capacity }: Settings, { name }: TableDescription): Billing {
	if (name !== TableName.Data) return Billing.onDemand();
	const { tableReadUnits, tableWriteUnits } = capacity;
	return Billing.onDemand({
		...(tableReadUnits === undefined ? {} : { maxReadRequestUnits: tableReadUnits }),
		...(tableWriteUnits === undefined ? {} : { maxWriteRequestUnits: tableWriteUnits }),
	});
}
