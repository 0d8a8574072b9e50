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
}

export interface Route {
	readonly region: RegionId;
	readonly canary: boolean;
	/** The partition's bucket count; undefined when there is no record. */
	readonly buckets: number | undefined;
	readonly because: "leader" | "canary" | "first-touch" | "leader-not-deployed";
}

/**
 * Where a request goes: to the leader, but for the canary's share of clients while traffic shifts. Without a record the nearest
 * region is asked, which creates the partition or knows better. The record is a hint: a region that is not the leader forwards.
 */
export function decideRoute({ record, client, nearRegion, regions }: RouteQuery): Route {
	if (record === undefined) return { region: nearRegion, canary: false, buckets: undefined, because: "first-touch" };
	const { buckets } = record;
	const target = canaryTarget(record, client);
	if (target !== undefined && regions.includes(target)) return { region: target, canary: true, buckets, because: "canary" };
	if (regions.includes(record.leader)) return { region: record.leader, canary: false, buckets, because: "leader" };
	const standIn = record.followers.find((follower) => regions.includes(follower)) ?? nearRegion;
	return { region: standIn, canary: false, buckets, because: "leader-not-deployed" };
}

/** The target for clients in the canary's share; each migration draws its clients anew. Never a region that residency excludes. */
function canaryTarget(record: PartitionRecord, client: string): RegionId | undefined {
	const { canary, phase, migrationId, partition } = record;
	if (phase !== Phase.Migrating || canary === undefined || !allowsCopyIn(record, canary.target)) return undefined;
	return clientShare(client, migrationId ?? partition) < canary.weight ? canary.target : undefined;
}
