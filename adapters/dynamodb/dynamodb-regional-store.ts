import assert from "node:assert/strict";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { decodeItem, decodeJournalEntry } from "#adapters/dynamodb/regional-store/codec.ts";
import { carry, deleteItem, removeJournalEntry } from "#adapters/dynamodb/regional-store/copies.ts";
import { createFeedReports } from "#adapters/dynamodb/regional-store/feed-reports.ts";
import { changeFences } from "#adapters/dynamodb/regional-store/fence-changes.ts";
import { writeGuarded } from "#adapters/dynamodb/regional-store/guarded-write.ts";
import { createLostWrites } from "#adapters/dynamodb/regional-store/lost-writes.ts";
import { carryItems, deleteItems } from "#adapters/dynamodb/regional-store/page-writes.ts";
import { createParkedKeys } from "#adapters/dynamodb/regional-store/parked-keys.ts";
import { readFence, readFences, readItemRow, readPage } from "#adapters/dynamodb/regional-store/reads.ts";
import { writeSteady } from "#adapters/dynamodb/regional-store/steady-write.ts";
import { ITEM_PREFIX, JOURNAL_PREFIX, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import { writeOnce } from "#adapters/dynamodb/regional-store/write-once.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { ItemWrite, Once } from "#domain/partition/item.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import type { LostWrites } from "#domain/ports/lost-writes.ts";
import type { ParkedKeys } from "#domain/ports/parked-keys.ts";
import type { Random } from "#domain/ports/random.ts";
import type { RegionalStore, RegionalStores } from "#domain/ports/regional-store.ts";

export interface RegionalStoreOptions {
	/** Must make one attempt a call (`createDynamoClient`): the store retries itself, within leases and on its clock. */
	readonly client: DynamoDBClient;
	readonly tableName: string;
	readonly region: RegionId;
	readonly clock: Clock;
	/** Spreads retries. @default no spread */
	readonly random?: Pick<Random, "next"> | undefined;
}

/** The data table of one region on DynamoDB; key layout in ARCHITECTURE.md. */
export function createRegionalStore({ client, tableName, region, clock, random }: RegionalStoreOptions): RegionalStore {
	const ctx: TableContext = { client, tableName, clock, random };
	return {
		region,
		readFence: (ref) => readFence(ctx, ref),
		readFences: (partition, buckets) => readFences(ctx, partition, buckets),
		changeFences: async (partition, changes) => {
			assert.equal(new Set(changes.map((change) => change.bucket)).size, changes.length, "one change a bucket");
			return changeFences(ctx, partition, changes);
		},
		readItem: async (ref, key) => {
			const row = await readItemRow(ctx, ref, key);
			return row === undefined ? undefined : decodeItem(row);
		},
		listItems: (ref, range) => readPage(ctx, ref, ITEM_PREFIX, range, decodeItem),
		writeSteady: (ref, write, lease) =>
			isOnce(write) ? writeOnce(ctx, ref, write, { mode: "steady", lease }) : writeSteady(ctx, ref, write, lease),
		writeGuarded: (ref, write, epoch) =>
			isOnce(write) ? writeOnce(ctx, ref, write, { mode: "guarded", epoch }) : writeGuarded(ctx, ref, write, epoch),
		carry: (ref, item, guard) => carry(ctx, ref, item, guard),
		carryItems: (ref, items, guard) => carryItems(ctx, ref, items, guard),
		listJournal: (ref, range) => readPage(ctx, ref, JOURNAL_PREFIX, range, decodeJournalEntry),
		removeJournalEntry: (ref, key, version) => removeJournalEntry(ctx, ref, key, version),
		deleteItem: (ref, key, version, guard) => deleteItem(ctx, ref, key, version, guard),
		deleteItems: (ref, held, guard) => deleteItems(ctx, ref, held, guard),
	};
}

const isOnce = (write: ItemWrite): write is ItemWrite & { readonly once: Once } => write.once !== undefined;

export interface RegionalStoresOptions extends Pick<RegionalStoreOptions, "tableName" | "clock" | "random"> {
	readonly regions: readonly RegionId[];
	/** @default createDynamoClient */
	readonly clientFor?: (region: RegionId) => DynamoDBClient;
}

/** The stores of a deployment's regions, one SDK client each, made when first asked for. */
export const createRegionalStores = (options: RegionalStoresOptions): RegionalStores =>
	perRegion(options, (region, client) => createRegionalStore({ ...options, client, region }));

/** The feed reports in the same tables, likewise. */
export const createFeedReportsOf = ({ tableName, clock, random, ...options }: RegionalStoresOptions): ((region: RegionId) => FeedReports) =>
	perRegion(options, (_, client) => createFeedReports({ client, tableName, clock, random }));

/** The lost writes in the same tables, likewise. */
export const createLostWritesOf = ({ tableName, clock, random, ...options }: RegionalStoresOptions): ((region: RegionId) => LostWrites) =>
	perRegion(options, (_, client) => createLostWrites({ client, tableName, clock, random }));

/** The parked keys in the same tables, likewise. */
export const createParkedKeysOf = ({ tableName, clock, random, ...options }: RegionalStoresOptions): ((region: RegionId) => ParkedKeys) =>
	perRegion(options, (_, client) => createParkedKeys({ client, tableName, clock, random }));

function perRegion<T>(
	{ regions, clientFor = createDynamoClient }: Pick<RegionalStoresOptions, "regions" | "clientFor">,
	make: (region: RegionId, client: DynamoDBClient) => T,
): (region: RegionId) => T {
	const made = new Map<RegionId, T>();
	return (region) => {
		assert(regions.includes(region), `${region} is not a region of this deployment`);
		const one = made.get(region) ?? make(region, clientFor(region));
		made.set(region, one);
		return one;
	};
}
