import { regionId } from "#domain/geography/region-id.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import type { ItemWrite, StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, partitionId } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import type { ManualClock } from "#test/__helpers__/manual-clock.ts";

/** The store under test and its clock, there once the tests run. */
export interface Subject {
	store: RegionalStore;
	clock: ManualClock;
}

/** A lease of the guard's lifetime. */
export const leaseOf = (clock: ManualClock, epoch = 1) => ({ epoch, validUntilMs: clock.nowMs() + 2_000 });

/** The region of the store under test, and another one. */
export const HOME = regionId("eu-west-1");
export const AWAY = regionId("us-east-1");

/** A fence as tests change single fields of it. */
export const fence = (changes: Partial<Fence> = {}): Omit<Fence, "seq"> & { readonly seq?: number } => ({
	role: "leader",
	epoch: 1,
	mode: "steady",
	peers: [],
	leader: HOME,
	buckets: 1,
	...changes,
});

let partitions = 0;
/** A bucket that no other test uses. */
export const freshBucket = (): BucketRef => {
	partitions += 1;
	return { partition: partitionId(`p${process.pid}.${partitions}`), bucket: 0 };
};

let requests = 0;
export const put = (key: string, changes: Partial<ItemWrite> = {}): ItemWrite => {
	requests += 1;
	const body = new TextEncoder().encode(`body ${requests}`);
	return {
		key,
		content: { body, contentType: "text/plain" },
		precondition: { kind: "none" },
		requestId: `r${requests}`,
		nowMs: 1_700_000_000_000,
		...changes,
	};
};
export const remove = (key: string, changes: Partial<ItemWrite> = {}): ItemWrite => put(key, { content: undefined, ...changes });

export const setFence = async (store: RegionalStore, ref: BucketRef, next: FenceChange["next"]): Promise<void> => {
	const now = await store.readFence(ref);
	await store.changeFences(ref.partition, [{ bucket: ref.bucket, expect: now === undefined ? "absent" : {}, next }]);
};

export const v = (epoch: number, n: number): Version => ({ epoch, n });

export const item = (key: string, version: Version, changes: Partial<StoredItem> = {}): StoredItem => ({
	key,
	version,
	body: new TextEncoder().encode(`carried ${version.epoch}-${version.n}`),
	contentType: "text/plain",
	deleted: false,
	requestId: `c${version.epoch}-${version.n}`,
	writtenAtMs: 5,
	...changes,
});
