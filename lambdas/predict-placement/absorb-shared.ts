import type { RegionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { parentKey, parentOf } from "#domain/prediction/parent.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { learnHolidays } from "#lambdas/predict-placement/learn-holidays.ts";
import { applyToGlobal, applyToParent } from "#predictor/features/apply-counts.ts";

export interface AbsorbDeps {
	readonly store: PredictionStore;
	readonly calendar: CalendarStore;
	readonly regions: readonly RegionId[];
}

/** The counts of the given hours and shards. */
export async function readCounts(
	counts: AccessCounts,
	hours: readonly { readonly hour: number; readonly shards: readonly number[] }[],
): Promise<readonly HourCount[]> {
	const reads = hours.flatMap(({ hour, shards }) => shards.map((shard) => counts.readHour(hour, shard)));
	return (await Promise.all(reads)).flat();
}

/**
 * Takes counts into the states of the parents and of everybody. One writer a run, before any shard is
 * forecast: all shards see the same. Each state knows through which hour it is applied, so a repetition adds nothing.
 *
 * @param all of closed hours, in any order
 * @returns shard -> counts
 */
export async function absorbShared(
	{ store, calendar, regions }: AbsorbDeps,
	all: readonly HourCount[],
	throughHour: number,
): Promise<ReadonlyMap<number, number>> {
	const rows = rowsByShard(all);
	if (all.length === 0) return rows;
	const byParent = groupByParent(all);
	const [parents, global] = await Promise.all([store.readParents([...byParent.keys()]), store.readGlobal()]);
	const changed = [...byParent].flatMap(([key, own]) => {
		const next = applyToParent(parents.get(key), own, throughHour);
		return next === undefined ? [] : [[key, next] as const];
	});
	const nextGlobal = applyToGlobal(global, all, throughHour);
	// before the state that tells what was usual moves on; hours learnt once are not learnt again
	await learnHolidays({ calendar, regions }, global, all, throughHour);
	await store.writeShared(new Map(changed), nextGlobal);
	return rows;
}

function rowsByShard(counts: readonly HourCount[]): ReadonlyMap<number, number> {
	const rows = new Map<number, number>();
	for (const { partition } of counts) {
		const shard = shardOf(partitionId(partition));
		rows.set(shard, (rows.get(shard) ?? 0) + 1);
	}
	return rows;
}

function groupByParent(counts: readonly HourCount[]): ReadonlyMap<string, readonly HourCount[]> {
	const groups = new Map<string, HourCount[]>();
	for (const count of counts) {
		const key = parentKey(parentOf(count.partition, count.segment));
		if (key === undefined) continue;
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [count]);
		else group.push(count);
	}
	return groups;
}
