import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { quietClient } from "#adapters/dynamodb/client.ts";
import { documentClient } from "#adapters/dynamodb/document-client.ts";
import { ABSENT, callsTo, follows, putVersioned } from "#adapters/dynamodb/versioned-records.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { type MigrationRecord, type MigrationState, migrationRecordSchema } from "#domain/migration/record.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import type { CopyEvent, MigrationPage, MigrationStore, MigrationWriteOutcome } from "#domain/ports/migration-store.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

export interface MigrationStoreOptions {
	readonly tableName: string;
	readonly controlRegion: RegionId;
	/** @default a client of the control region with the SDK's own credentials and endpoint */
	readonly client?: DynamoDBClient;
}

/** Migration records in the control region's `migrations` table and its index `byState`. */
export function createMigrationStore(options: MigrationStoreOptions): MigrationStore {
	const client = options.client ?? quietClient({ region: options.controlRegion });
	return new DynamoMigrationStore(options.tableName, documentClient(client, { marshallOptions: { removeUndefinedValues: true } }));
}

const SORT_KEY = "record";
const STATE_INDEX = "byState";

/** A stored item that does not have the shape this release writes. A retry does not help. */
export class InvalidMigrationError extends OperatingError {
	override name = "InvalidMigrationError";
	constructor(migrationId: unknown, cause: unknown) {
		super(`migration ${JSON.stringify(migrationId)} has an unexpected shape`, {
			code: "migration.invalid-record",
			retryable: false,
			cause,
		});
	}
}

class DynamoMigrationStore implements MigrationStore {
	readonly #table: string;
	readonly #client: DynamoDBDocumentClient;

	constructor(table: string, client: DynamoDBDocumentClient) {
		this.#table = table;
		this.#client = client;
	}

	async read(migrationId: string): Promise<MigrationRecord | undefined> {
		const { Item } = await translated(() =>
			this.#client.send(new GetCommand({ TableName: this.#table, Key: keyOf(migrationId), ConsistentRead: true })),
		);
		return Item === undefined ? undefined : decode(Item);
	}

	create(record: MigrationRecord): Promise<MigrationWriteOutcome> {
		return this.#write(record, ABSENT);
	}

	update(next: MigrationRecord): Promise<MigrationWriteOutcome> {
		return this.#write(next, follows(next));
	}

	async list(page: { state?: MigrationState; cursor?: string; limit: number }): Promise<MigrationPage> {
		const start = page.cursor === undefined ? {} : { ExclusiveStartKey: decodeCursor(page.cursor) };
		const common = { TableName: this.#table, Limit: page.limit, ...start };
		const { Items = [], LastEvaluatedKey } = await translated(() =>
			page.state === undefined
				? this.#client.send(new ScanCommand({ ...common, ...ONLY_RECORDS, ConsistentRead: true }))
				: this.#client.send(new QueryCommand({ ...common, ...inState(page.state), ScanIndexForward: false })),
		);
		const migrations = Items.map(decode);
		return LastEvaluatedKey === undefined ? { migrations } : { migrations, cursor: encodeCursor(LastEvaluatedKey) };
	}

	async count(state: MigrationState): Promise<number> {
		const query = { TableName: this.#table, ...inState(state), Select: "COUNT" as const };
		const pages = await translated(() => Array.fromAsync(paginateQuery({ client: this.#client }, query)));
		return pages.reduce((total, { Count = 0 }) => total + Count, 0);
	}

	async noteCopy(event: CopyEvent): Promise<void> {
		const Item = { ...copyKeyOf(event), ...event };
		try {
			await translated(() => this.#client.send(new PutCommand({ TableName: this.#table, Item, ...ABSENT })));
		} catch (error) {
			if (!(error instanceof ConditionalCheckFailedException)) throw error;
		}
	}

	async copyEvents(partition: PartitionId): Promise<readonly CopyEvent[]> {
		const query = {
			TableName: this.#table,
			ConsistentRead: true,
			KeyConditionExpression: "#pk = :pk",
			ExpressionAttributeNames: { "#pk": KEY.partitionKey },
			ExpressionAttributeValues: { ":pk": copiesOf(partition) },
		};
		const pages = await translated(() => Array.fromAsync(paginateQuery({ client: this.#client }, query)));
		return pages.flatMap(({ Items = [] }) => Items.map((item) => copyEventSchema.parse(item)));
	}

	#write(next: MigrationRecord, condition: object): Promise<MigrationWriteOutcome> {
		return putVersioned(
			next,
			() => translated(() => this.#client.send(new PutCommand({ TableName: this.#table, Item: encode(next), ...condition }))),
			() => this.read(next.migrationId),
			(record) => decode(encode(record)),
		);
	}
}

const translated = callsTo("the migrations table", "migrations.unavailable");

/** Not among the characters of a migration's id. */
const copiesOf = (partition: PartitionId): string => `copies#${partition}`;

const copyKeyOf = ({ partition, region, event, cause }: CopyEvent) => ({
	[KEY.partitionKey]: copiesOf(partition),
	[KEY.sortKey]: `${cause}#${region}#${event}`,
});

const copyEventSchema = z.object({
	partition: partitionSchema,
	region: regionSchema,
	event: z.enum(["begins", "ended"]),
	cause: z.string(),
	atMs: z.number(),
});

/** The audit of copies lies in the same table. */
const ONLY_RECORDS = {
	FilterExpression: "#sk = :record",
	ExpressionAttributeNames: { "#sk": KEY.sortKey },
	ExpressionAttributeValues: { ":record": SORT_KEY },
};

const keyOf = (migrationId: string) => ({ [KEY.partitionKey]: migrationId, [KEY.sortKey]: SORT_KEY });

const encode = (record: MigrationRecord): Record<string, unknown> => ({
	...keyOf(record.migrationId),
	...(JSON.parse(JSON.stringify(record)) as object),
});

function decode(item: Record<string, unknown>): MigrationRecord {
	const { [KEY.partitionKey]: id, [KEY.sortKey]: _sortKey, ...record } = item;
	const parsed = migrationRecordSchema.safeParse(record);
	if (!parsed.success) throw new InvalidMigrationError(id, parsed.error);
	return parsed.data;
}

const inState = (state: MigrationState | undefined) => ({
	IndexName: STATE_INDEX,
	KeyConditionExpression: "#state = :state",
	ExpressionAttributeNames: { "#state": "state" },
	ExpressionAttributeValues: { ":state": state },
});

const encodeCursor = (lastKey: object): string => Buffer.from(JSON.stringify(lastKey)).toString("base64url");

function decodeCursor(cursor: string): Record<string, unknown> {
	try {
		const key: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
		if (typeof key === "object" && key !== null && KEY.partitionKey in key) return { ...key };
	} catch {
		// falls through to the one error of this function
	}
	throw new OperatingError("the cursor is not one that an earlier page gave", { code: "cursor.invalid", retryable: false });
}
