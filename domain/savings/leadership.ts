import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { MigrationState } from "#domain/migration/record.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";

/** Who led from a time on, ms since the Unix epoch; oldest first. */
export type Leadership = readonly { readonly fromMs: number; readonly leader: RegionId }[];

/**
 * Who led a partition when, by its migrations and its record. A migration changes the leader when it begins to soak; one that was rolled back gives
 * it back when it ends.
 *
 * @param migrations of the partition, in any order; with those that are missing, their leaders are missing
 * @param home who led before the first of them
 */
export function leadershipOf(
	record: Pick<PartitionRecord, "leader" | "leaderSinceMs">,
	migrations: readonly MigrationRecord[],
	home: RegionId,
): Leadership {
	const changes = migrations.flatMap((migration) => {
		const { plan, state, soakingSinceMs, endedAt } = migration;
		if (plan.transfer === undefined || soakingSinceMs === undefined) return [];
		const moved = { fromMs: soakingSinceMs, leader: plan.transfer };
		const back = state === MigrationState.RolledBack && endedAt !== undefined;
		return back ? [moved, { fromMs: Date.parse(endedAt), leader: plan.replicas.leaderBefore }] : [moved];
	});
	changes.sort((a, b) => a.fromMs - b.fromMs);
	const known = [{ fromMs: Number.NEGATIVE_INFINITY, leader: home }, ...changes];
	// a promotion leaves no migration, only the record
	return known.at(-1)?.leader === record.leader ? known : [...known, { fromMs: record.leaderSinceMs, leader: record.leader }];
}

/** Who led at a time. */
export function leaderAt(leadership: Leadership, ms: number): RegionId | undefined {
	return leadership.findLast(({ fromMs }) => fromMs <= ms)?.leader;
}
