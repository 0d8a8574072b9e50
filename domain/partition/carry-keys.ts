import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { ParkedKeys } from "#domain/ports/parked-keys.ts";
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
	/** Where this region keeps what it owes beside its stream. @default nowhere */
	readonly parked?: Pick<ParkedKeys, "readFence">;
}

/** What a carrier of one bucket has done. */
export interface Carried {
	/** Keys that stay owed because a peer refused them or a region was out of reach. */
	readonly owed: readonly string[];
	/** This region's fence, read after the writes; undefined where it has none, or was out of reach. */
	readonly fence: Fence | undefined;
	/** The other copies that the fence names. */
	readonly peers: readonly RegionId[];
	/** When the earliest of the versions that were carried was written; undefined when none was. Milliseconds since the Unix epoch. */
	readonly earliestWriteMs: number | undefined;
	/** Set where earlier keys of the bucket were parked when its fence was read: they are owed still. */
	readonly parked?: true;
}

/**
 * Brings written keys to the peers of their bucket's fence, reading them at the present leader whatever this region's role is by now.
 * Called after the writes, so the fence is read after them: a peer it does not name yet is filled by its own copying. What stays owed
 * is said, not thrown. A region that did not answer once is not asked again: a lost one costs its timeouts once, not once a key.
 */
export async function carryToPeers(deps: CarryDeps, { ref, keys }: OwedKeys): Promise<Carried> {
	const { stores, region, parked: kept } = deps;
	const read = await orUndefined(async () =>
		kept === undefined ? { fence: await stores(region).readFence(ref), parked: false } : kept.readFence(ref),
	);
	const fence = read?.fence;
	const peers = fence?.peers.filter((peer) => peer !== fence.leader && peer !== region) ?? [];
	const parked = read?.parked === true ? { parked: true as const } : {};
	if (fence === undefined || peers.length === 0)
		return { owed: read === undefined ? keys : [], fence, peers, earliestWriteMs: undefined, ...parked };
	const leads = fence.role === FenceRole.Leader || fence.role === FenceRole.Fenced;
	const asked = askOnce();
	const owed: string[] = [];
	let earliestWriteMs: number | undefined;
	for (const key of keys) {
		if (!leads && (await isCarried(stores(region), ref, key, fence.epoch))) continue;
		const outcome = await carryKey(deps, asked, { ref, key, fence, peers });
		if (outcome === "owed") owed.push(key);
		else if (outcome !== "gone") earliestWriteMs = Math.min(outcome.writtenAtMs, earliestWriteMs ?? outcome.writtenAtMs);
	}
	return { owed, fence, peers, earliestWriteMs, ...parked };
}

/** `carryToPeers`, for those who want to know what stays owed and nothing else. */
export const carryKeys = async (deps: CarryDeps, keys: OwedKeys): Promise<readonly string[]> => (await carryToPeers(deps, keys)).owed;

/** Whether a former leader's item has come from the present leader meanwhile, which carries it to all copies itself. */
async function isCarried(own: RegionalStore, ref: BucketRef, key: string, epoch: number): Promise<boolean> {
	const read = await orUndefined(async () => ({ item: await own.readItem(ref, key) }));
	return read?.item !== undefined && read.item.version.epoch >= epoch;
}

/** The version that every peer has by now, unless it has a newer one; `gone`: there is none that a copy could miss. */
async function carryKey(
	{ stores, region }: CarryDeps,
	ask: AskRegion,
	{ ref, key, fence, peers }: { ref: BucketRef; key: string; fence: Fence; peers: readonly RegionId[] },
): Promise<{ readonly writtenAtMs: number } | "gone" | "owed"> {
	const read = await ask(fence.leader, async () => ({ item: await stores(fence.leader).readItem(ref, key) }));
	if (read === undefined) return "owed";
	const { item } = read;
	if (item === undefined) return (await stillSays(stores(region), ref, fence)) ? "gone" : "owed";
	const outcomes = await Promise.all(peers.map((peer) => ask(peer, () => stores(peer).carry(ref, item, guardOf(fence)))));
	return outcomes.every((outcome) => outcome === "stored" || outcome === "already-newer") ? { writtenAtMs: item.writtenAtMs } : "owed";
}

/** What a region answers; undefined when it is out of reach, or was before. */
type AskRegion = <T>(region: RegionId, work: () => Promise<T>) => Promise<T | undefined>;

function askOnce(): AskRegion {
	const lost = new Set<RegionId>();
	return async (region, work) => {
		const answer = lost.has(region) ? undefined : await orUndefined(work);
		if (answer === undefined) lost.add(region);
		return answer;
	};
}

/**
 * Whether the region that the fence named still led when nothing was found there. A leader whose copy has been removed since is empty too,
 * and says nothing about the key; but no copy is removed before every copy that stays has learned of its successor.
 */
async function stillSays(own: RegionalStore, ref: BucketRef, { role, epoch, leader }: Fence): Promise<boolean> {
	const read = await orUndefined(async () => ({ fence: await own.readFence(ref) }));
	const now = read?.fence;
	return now !== undefined && now.role === role && now.epoch === epoch && now.leader === leader;
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
