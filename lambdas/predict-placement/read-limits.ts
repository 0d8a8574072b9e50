import type { RegionId } from "#domain/geography/region-id.ts";
import { regionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionSize } from "#domain/partition-state/state.ts";
import type { MoveLimits } from "#domain/placement/grant-moves.ts";
import type { PlacementPolicy } from "#domain/placement/policy.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { PartitionStates } from "#domain/ports/partition-states.ts";

/** What a partition is taken to hold that was never measured. */
const UNMEASURED = { items: 2 ** 10, bytes: 2 ** 20 } as const;
const PAGE = 1_000;

/**
 * What this run may use up. Where regions have a limit of copies, all records are counted, which costs half a read unit for every 4 KB
 * of them.
 */
export async function readLimits(metadata: Pick<MetadataStore, "list">, policy: PlacementPolicy): Promise<MoveLimits> {
	const { movesPerRun, transfersPerRun, bytesPerRun, copies } = policy;
	const limited = Object.entries(copies);
	const held = limited.length === 0 ? new Map<RegionId, number>() : await countCopies(metadata);
	const room = new Map(
		limited.map(([region, limit]) => [regionId(region), Math.max(0, limit - (held.get(regionId(region)) ?? 0))] as const),
	);
	return { maxMoves: movesPerRun, maxTransfers: transfersPerRun, room, ...(bytesPerRun === undefined ? {} : { maxBytes: bytesPerRun }) };
}

/** Copies by region, those included that a migration is filling and has told routing about. */
async function countCopies(metadata: Pick<MetadataStore, "list">): Promise<ReadonlyMap<RegionId, number>> {
	const held = new Map<RegionId, number>();
	let cursor: string | undefined;
	do {
		const page = await metadata.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
		for (const { leader, followers, canary } of page.records)
			for (const region of new Set([leader, ...followers, ...(canary === undefined ? [] : [canary.target])]))
				held.set(region, (held.get(region) ?? 0) + 1);
		cursor = page.cursor;
	} while (cursor !== undefined);
	return held;
}

export type Size = Pick<PartitionSize, "items" | "bytes">;

/** What each partition's move would copy; nothing is read where the policy neither limits bytes nor counts money. */
export async function readSizes(
	states: Pick<PartitionStates, "readSize">,
	partitions: readonly PartitionId[],
	{ bytesPerRun, usdPerMillionMs }: PlacementPolicy,
): Promise<ReadonlyMap<PartitionId, Size>> {
	if (bytesPerRun === undefined && usdPerMillionMs === undefined) return new Map();
	return new Map(
		await Promise.all(partitions.map(async (partition) => [partition, (await states.readSize(partition)) ?? UNMEASURED] as const)),
	);
}
