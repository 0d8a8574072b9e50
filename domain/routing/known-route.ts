import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";

/** What the edge keeps of a partition's record: where requests may go. A hint; fences are the truth. */
export interface KnownRoute {
	readonly leader: RegionId;
	readonly followers: readonly RegionId[];
	/** Grows with every change of leadership; a lower one never replaces a higher one. */
	readonly epoch: number;
	/** Whether anything is under way: such a route is old soon. */
	readonly moving: boolean;
	/** Bucket count, 1..64; undefined where an answer, which does not tell it, has taught the route. */
	readonly buckets: number | undefined;
	/** The regions that may hold a copy; absent means any. */
	readonly residency?: readonly RegionId[];
	/** Present while traffic shifts. */
	readonly canary?: RouteCanary;
}

/** The share of clients that a migration sends to its target. */
export interface RouteCanary {
	readonly target: RegionId;
	/** 0..1 */
	readonly weight: number;
	/** Draws the clients: another one for every migration. */
	readonly salt: string;
}

/** What an answer's headers tell of a partition: who led when it was given, and at which epoch. */
export interface TaughtRoute {
	readonly leader: RegionId;
	readonly followers: readonly RegionId[];
	readonly epoch: number;
}

type RoutedFields = Pick<
	PartitionRecord,
	"partition" | "leader" | "followers" | "epoch" | "phase" | "buckets" | "residency" | "canary" | "migrationId"
>;

/** The route that a record describes. */
export function routeOf(record: RoutedFields): KnownRoute {
	const { leader, followers, epoch, phase, buckets, residency, canary, migrationId, partition } = record;
	return {
		leader,
		followers,
		epoch,
		moving: phase !== "active",
		buckets,
		...(residency !== undefined && { residency }),
		...(phase === "migrating" && canary !== undefined && { canary: { ...canary, salt: migrationId ?? partition } }),
	};
}
