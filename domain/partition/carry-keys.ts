import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { CarryGuard, RegionalStore, RegionalStores } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

/** Keys of one bucket that were written in a region and have to reach its peers. */
export interface OwedKeys {
	readonly ref: BucketRef;
	/** Distinct. */
	readonly keys: readonly string[];
}

export interface CarryDeps {
	readonly stores: RegionalStores;
	/** The region that accepted the writes. */
	readonly region: RegionId;
}

/**
 * Brings written keys to the peers of their bucket's fence, reading them at the present leader whatever this region's role is by now.
 * Called after the writes, so the fence is read after them: a peer it does not name yet is filled by its own copying.
 *
 * @returns the keys that stay owed because a peer refused them or a region was out of reach; never throws for those.
 */
export async function carryKeys({ stores, region }: CarryDeps, { ref, keys }: OwedKeys): Promise<readonly string[]> {
	const fence = await orUndefined(async () => ({ fence: await stores(region).readFence(ref) }));
	if (fence === undefined) return keys;
	const peers = fence.fence?.peers.filter((peer) => peer !== fence.fence?.leader && peer !== region) ?? [];
	if (fence.fence === undefined || peers.length === 0) return [];
	const leads = fence.fence.role === FenceRole.Leader || fence.fence.role === FenceRole.Fenced;
	const owed: string[] = [];
	for (const key of keys) {
		if (!leads && (await isCarried(stores(region), ref, key, fence.fence.epoch))) continue;
		if (!(await carryKey(stores, ref, key, fence.fence, peers))) owed.push(key);
	}
	return owed;
}

/** Whether a former leader's item has come from the present leader meanwhile, which carries it to all copies itself. */
async function isCarried(own: RegionalStore, ref: BucketRef, key: string, epoch: number): Promise<boolean> {
	const read = await orUndefined(async () => ({ item: await own.readItem(ref, key) }));
	return read?.item !== undefined && read.item.version.epoch >= epoch;
}

/** Whether every peer has the leader's version of the key, or a newer one. */
async function carryKey(stores: RegionalStores, ref: BucketRef, key: string, fence: Fence, peers: readonly RegionId[]): Promise<boolean> {
	const read = await orUndefined(async () => ({ item: await stores(fence.leader).readItem(ref, key) }));
	if (read === undefined) return false;
	const { item } = read;
	// Gone for good at the leader: there is nothing that a copy could miss.
	if (item === undefined) return true;
	const outcomes = await Promise.all(peers.map((peer) => orUndefined(() => stores(peer).carry(ref, item, guardOf(fence)))));
	return outcomes.every((outcome) => outcome === "stored" || outcome === "already-newer");
}

const guardOf = ({ epoch, migrationId }: Fence): CarryGuard => (migrationId === undefined ? { epoch } : { epoch, migrationId });

async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof UnavailableError) return undefined;
		throw error;
	}
}
