import type { RegionId } from "#domain/geography/region-id.ts";
import { allowsCopyIn, type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { clientShare } from "#domain/ring/ring.ts";

export interface RouteQuery {
	/** The partition's record as far as it is known; undefined: there is none, or it could not be read. */
	readonly record: PartitionRecord | undefined;
	/** Sticky identity of the client: decides whether it is in a canary. */
	readonly client: string;
	/** The deployed region nearest to the viewer. */
	readonly nearRegion: RegionId;
	/** The deployed regions. */
	readonly regions: readonly RegionId[];
	/** Given where any copy may answer, by what is asked and at which consistency: the round-trip time between regions in ms. */
	readonly anyCopyBy?: (from: RegionId, to: RegionId) => number;
}

export interface Route {
	readonly region: RegionId;
	readonly canary: boolean;
	/** The partition's bucket count; undefined when there is no record. */
	readonly buckets: number | undefined;
	readonly because: "leader" | "canary" | "near-copy" | "first-touch" | "leader-not-deployed";
}

/**
 * Where a request goes: to the leader, but for the canary's share of clients while traffic shifts, and for reads that any copy may
 * answer. Without a record the nearest region is asked, which creates the partition or knows better. The record is a hint: a region
 * that cannot answer forwards.
 */
export function decideRoute(query: RouteQuery): Route {
	const { record, client, nearRegion, regions } = query;
	if (record === undefined) return { region: nearRegion, canary: false, buckets: undefined, because: "first-touch" };
	const { buckets } = record;
	const target = canaryTarget(record, client);
	if (target !== undefined && regions.includes(target)) return { region: target, canary: true, buckets, because: "canary" };
	const copy = nearestFollower(query, record);
	if (copy !== undefined) return { region: copy, canary: false, buckets, because: "near-copy" };
	if (regions.includes(record.leader)) return { region: record.leader, canary: false, buckets, because: "leader" };
	const standIn = record.followers.find((follower) => regions.includes(follower)) ?? nearRegion;
	return { region: standIn, canary: false, buckets, because: "leader-not-deployed" };
}

/** The follower nearest to the viewer's edge, if it may answer and is nearer than the leader. Never in a region that residency excludes. */
function nearestFollower({ nearRegion, regions, anyCopyBy: rttMs }: RouteQuery, record: PartitionRecord): RegionId | undefined {
	if (rttMs === undefined) return undefined;
	let nearest = regions.includes(record.leader) ? record.leader : undefined;
	for (const follower of record.followers) {
		if (!regions.includes(follower) || !allowsCopyIn(record, follower)) continue;
		if (nearest === undefined || rttMs(nearRegion, follower) < rttMs(nearRegion, nearest)) nearest = follower;
	}
	return nearest === record.leader ? undefined : nearest;
}

/** The target for clients in the canary's share; each migration draws its clients anew. Never a region that residency excludes. */
function canaryTarget(record: PartitionRecord, client: string): RegionId | undefined {
	const { canary, phase, migrationId, partition } = record;
	if (phase !== Phase.Migrating || canary === undefined || !allowsCopyIn(record, canary.target)) return undefined;
	return clientShare(client, migrationId ?? partition) < canary.weight ? canary.target : undefined;
}
