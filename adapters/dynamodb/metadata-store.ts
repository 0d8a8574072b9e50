import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { getMany, type ItemKey, type Table } from "#adapters/dynamodb/batches.ts";
import { quietClient } from "#adapters/dynamodb/client.ts";
import { documentClient } from "#adapters/dynamodb/document-client.ts";
import {
	decodeCursor,
	decodeFreeze,
	decodeRecord,
	encodeCursor,
	encodeFreeze,
	encodeRecord,
	FREEZE_KEY,
	RECORD_PREFIX,
	recordKey,
} from "#adapters/dynamodb/metadata-items.ts";
import type { RetryPolicy } from "#adapters/dynamodb/retry.ts";
import { ABSENT, callsTo, follows, putVersioned } from "#adapters/dynamodb/versioned-records.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { MetadataStore, RecordWriteOutcome } from "#domain/ports/metadata-store.ts";
import { KEY } from "#infra/description/tables.ts";

export interface MetadataStoreOptions extends RetryPolicy {
	readonly tableName: string;
	/** The copy that `readNearest` reads. */
	readonly region: RegionId;
	readonly controlRegion: RegionId;
	/** Makes the client of a region. @default credentials and endpoint from the environment, three attempts of at most 3 s each */
	readonly clientFor?: (region: RegionId) => DynamoDBClient;
}

/** The metadata table over two SDK clients: the nearest copy for routing, the control region for everything that must be right. */
export function createMetadataStore(options: MetadataStoreOptions): MetadataStore {
	const { tableName, region, controlRegion, clientFor = defaultClient, clock, random } = options;
	const control = documentClient(clientFor(controlRegion), TRANSLATE);
	const nearest = region === controlRegion ? control : documentClient(clientFor(region), TRANSLATE);
	return new DynamoMetadataStore(tableName, nearest, control, { clock, random });
}

/** Three attempts fit into the hard timeout of the data plane, the shortest of those that read metadata. */
const defaultClient = (region: RegionId): DynamoDBClient =>
	quietClient({
		region,
		maxAttempts: 3,
		requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
	});

class DynamoMetadataStore implements MetadataStore {
	readonly #table: string;
	readonly #nearest: DynamoDBDocumentClient;
	readonly #control: DynamoDBDocumentClient;
	/** What is read together, in the control region; its client repeats calls. */
	readonly #together: Table;

	constructor(table: string, nearest: DynamoDBDocumentClient, control: DynamoDBDocumentClient, waiting: RetryPolicy) {
		this.#table = table;
		this.#nearest = nearest;
		this.#control = control;
		this.#together = { ...waiting, client: control, tableName: table, attempts: 1 };
	}

	readNearest(partition: PartitionId): Promise<PartitionRecord | undefined> {
		return this.#read(this.#nearest, partition, false);
	}

	readControl(partition: PartitionId): Promise<PartitionRecord | undefined> {
		return this.#read(this.#control, partition, true);
	}

	async readMany(partitions: readonly PartitionId[]): Promise<ReadonlyMap<PartitionId, PartitionRecord | undefined>> {
		return (await this.#readTogether(partitions, [])).records;
	}

	async readManyAndFreeze(partitions: readonly PartitionId[]) {
		const { records, others } = await this.#readTogether(partitions, [FREEZE_KEY]);
		return { records, freeze: decodeFreeze(others[0]) };
	}

	/** @param more what there is beside the records, in one call with them */
	async #readTogether(partitions: readonly PartitionId[], more: readonly ItemKey[]) {
		const keys = [...new Set(partitions)].map(recordKey);
		const [items, others] = await translated(() => Promise.all([getMany(this.#together, keys), getMany(this.#together, more)]));
		const found = new Map(items.map(decodeRecord).map((record) => [record.partition, record]));
		return { records: new Map(partitions.map((partition) => [partition, found.get(partition)])), others };
	}

	create(record: PartitionRecord): Promise<RecordWriteOutcome> {
		return this.#write(record, ABSENT);
	}

	replace(next: PartitionRecord): Promise<RecordWriteOutcome> {
		return this.#write(next, follows(next));
	}

	async list(page: { cursor?: string; limit: number }): Promise<{ records: readonly PartitionRecord[]; cursor?: string }> {
		const start = page.cursor === undefined ? {} : { ExclusiveStartKey: decodeCursor(page.cursor) };
		const { Items = [], LastEvaluatedKey } = await translated(() =>
			this.#control.send(
				new ScanCommand({
					TableName: this.#table,
					Limit: page.limit,
					ConsistentRead: true,
					FilterExpression: "begins_with(#pk, :prefix)",
					ExpressionAttributeNames: { "#pk": KEY.partitionKey },
					ExpressionAttributeValues: { ":prefix": RECORD_PREFIX },
					...start,
				}),
			),
		);
		const records = Items.map(decodeRecord);
		return LastEvaluatedKey === undefined ? { records } : { records, cursor: encodeCursor(LastEvaluatedKey) };
	}

	async readFreeze() {
		return decodeFreeze(await this.#get(this.#control, FREEZE_KEY, true));
	}

	async writeFreeze(freeze: Parameters<MetadataStore["writeFreeze"]>[0]): Promise<void> {
		await translated(() => this.#control.send(new PutCommand({ TableName: this.#table, Item: encodeFreeze(freeze) })));
	}

	async #read(client: DynamoDBDocumentClient, partition: PartitionId, consistent: boolean): Promise<PartitionRecord | undefined> {
		const item = await this.#get(client, recordKey(partition), consistent);
		return item === undefined ? undefined : decodeRecord(item);
	}

	async #get(client: DynamoDBDocumentClient, key: Record<string, string>, consistent: boolean) {
		const { Item } = await translated(() => client.send(new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: consistent })));
		return Item;
	}

	#write(next: PartitionRecord, condition: object): Promise<RecordWriteOutcome> {
		return putVersioned(
			next,
			() => translated(() => this.#control.send(new PutCommand({ TableName: this.#table, Item: encodeRecord(next), ...condition }))),
			() => this.readControl(next.partition),
			(record) => JSON.parse(JSON.stringify(record)) as PartitionRecord,
		);
	}
}

const translated = callsTo("the metadata table", "metadata.unavailable");

const TRANSLATE = { marshallOptions: { removeUndefinedValues: true } } as const;
