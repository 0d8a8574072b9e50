import assert from "node:assert/strict";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "#adapters/dynamodb/client.ts";
import { decodeItem, decodeJournalEntry } from "#adapters/dynamodb/regional-store/codec.ts";
import { carry, deleteItem, removeJournalEntry } from "#adapters/dynamodb/regional-store/copies.ts";
import { changeFences } from "#adapters/dynamodb/regional-store/fence-changes.ts";
import { writeGuarded } from "#adapters/dynamodb/regional-store/guarded-write.ts";
import { carryItems, deleteItems } from "#adapters/dynamodb/regional-store/page-writes.ts";
import { readFence, readFences, readItemRow, readPage } from "#adapters/dynamodb/regional-store/reads.ts";
import { writeSteady } from "#adapters/dynamodb/regional-store/steady-write.ts";
import { ITEM_PREFIX, JOURNAL_PREFIX, type TableContext } from "#adapters/dynamodb/regional-store/table-context.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
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
		writeSteady: (ref, write, lease) => writeSteady(ctx, ref, write, lease),
		writeGuarded: (ref, write, epoch) => writeGuarded(ctx, ref, write, epoch),
		carry: (ref, item, guard) => carry(ctx, ref, item, guard),
		carryItems: (ref, items, guard) => carryItems(ctx, ref, items, guard),
		listJournal: (ref, range) => readPage(ctx, ref, JOURNAL_PREFIX, range, decodeJournalEntry),
		removeJournalEntry: (ref, key, version) => removeJournalEntry(ctx, ref, key, version),
		deleteItem: (ref, key, version, guard) => deleteItem(ctx, ref, key, version, guard),
		deleteItems: (ref, held, guard) => deleteItems(ctx, ref, held, guard),
	};
}

export interface RegionalStoresOptions extends Pick<RegionalStoreOptions, "tableName" | "clock" | "random"> {
	readonly regions: readonly RegionId[];
	/** @default createDynamoClient */
	readonly clientFor?: (region: RegionId) => DynamoDBClient;
}

/** The stores of a deployment's regions, one SDK client each, made when first asked for. */
export function createRegionalStores(options: RegionalStoresOptions): RegionalStores {
	const { tableName, clock, random, regions, clientFor = createDynamoClient } = options;
	const stores = new Map<RegionId, RegionalStore>();
	return (region) => {
		assert(regions.includes(region), `${region} is not a region of this deployment`);
		const store = stores.get(region) ?? createRegionalStore({ client: clientFor(region), tableName, region, clock, random });
		stores.set(region, store);
		return store;
	};
}
