import type { RegionId } from "#domain/geography/region-id.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { ForecastList, PredictionStore, RunProgress } from "#domain/ports/prediction-store.ts";
import { hourOf, lastClosedHour } from "#domain/prediction/hours.ts";
import type { RunSettings } from "#domain/prediction/settings.ts";
import { absorbShared, readCounts } from "#lambdas/predict-placement/absorb-shared.ts";
import { type RunPlan, runInputSchema, type ShardWork } from "#lambdas/predict-placement/payloads.ts";

export interface ListShardsDeps {
	readonly counts: AccessCounts;
	readonly store: PredictionStore;
	readonly calendar: CalendarStore;
	readonly regions: readonly RegionId[];
	readonly clock: Clock;
	readonly settings: RunSettings;
}

type ReportedHour = Awaited<ReturnType<AccessCounts["reportedShards"]>>[number];

const MINUTE_MS = 60_000;
/** Idle hours that are looked at again before the progress is written down. */
const IDLE_HOURS_BETWEEN_WRITES = 48;

/**
 * Finds what is due and takes new counts into the states that all shards share. An hour without accesses and without refreshes
 * ends here after three reads.
 */
export async function listShards(deps: ListShardsDeps, input: unknown): Promise<RunPlan> {
	const { scheduledTime } = runInputSchema.parse(input);
	const scheduledMs = Date.parse(scheduledTime);
	const runHour = hourOf(scheduledMs);
	const progress = await deps.store.readProgress();
	const range = rangeOf(progress, scheduledMs, deps.settings);
	const [reported, lists] = await Promise.all([
		deps.counts.reportedShards(range.fromHour, range.throughHour),
		deps.store.dueLists((progress.dueThroughHour ?? -1) + 1, runHour),
	]);
	const { hours, throughHour } = bounded(reported, range.throughHour, deps.settings.maxHoursPerRun);
	const idle = hours.length === 0 && lists.length === 0;
	if (idle && throughHour - range.fromHour < IDLE_HOURS_BETWEEN_WRITES) return { outcome: "nothing-due", scheduledTime };
	// hours that are closed read the same whoever has the claim
	const [claimed, counts] = await Promise.all([claim(deps, scheduledTime), readCounts(deps.counts, hours)]);
	if (!claimed) return { outcome: "busy", scheduledTime };
	if (idle) {
		await deps.store.completeRun(scheduledTime, { throughHour, dueThroughHour: runHour });
		return { outcome: "nothing-due", scheduledTime };
	}
	const rows = await absorbShared(deps, counts, throughHour);
	const shards = tasksOf(worksOf(hours, lists), deps.settings.partitionsPerCall, (shard) => sizeOf(shard, rows, lists)).map((work) => ({
		scheduledTime,
		throughHour,
		work,
	}));
	return { outcome: "due", scheduledTime, throughHour, shards };
}

/** What has not been taken in yet and cannot change any more. */
function rangeOf(progress: RunProgress, scheduledMs: number, settings: RunSettings) {
	const throughHour = Math.max(lastClosedHour(scheduledMs), progress.throughHour ?? 0);
	return { fromHour: (progress.throughHour ?? throughHour - settings.maxHoursPerRun) + 1, throughHour };
}

/** At most so many hours with counts; the run then covers the range up to the last of them. */
function bounded(reported: readonly ReportedHour[], throughHour: number, maxHours: number) {
	const hours = reported.slice(0, maxHours);
	return { hours, throughHour: reported.length > maxHours ? (hours.at(-1)?.hour ?? throughHour) : throughHour };
}

function claim({ store, clock, settings }: ListShardsDeps, runId: string): Promise<boolean> {
	const nowMs = clock.nowMs();
	return store.claimRun(runId, nowMs, nowMs + settings.leaseMinutes * MINUTE_MS);
}

function worksOf(hours: readonly ReportedHour[], lists: readonly ForecastList[]): readonly ShardWork[] {
	const shards = new Set([...hours.flatMap((hour) => hour.shards), ...lists.map((list) => list.shard)]);
	return [...shards]
		.sort((a, b) => a - b)
		.map((shard) => ({
			shard,
			countHours: hours.filter((hour) => hour.shards.includes(shard)).map((hour) => hour.hour),
			dueLists: lists.filter((list) => list.shard === shard).map((list) => list.key),
		}));
}

/** At most so many partitions of a shard are due. */
const sizeOf = (shard: number, rows: ReadonlyMap<number, number>, lists: readonly ForecastList[]): number =>
	lists.filter((list) => list.shard === shard).reduce((sum, list) => sum + list.size, rows.get(shard) ?? 0);

/** Consecutive shards together while they are small. */
function tasksOf(works: readonly ShardWork[], perCall: number, size: (shard: number) => number): readonly ShardWork[][] {
	const tasks: ShardWork[][] = [];
	let room = 0;
	for (const work of works) {
		const needed = size(work.shard);
		if (needed > room || tasks.length === 0) {
			tasks.push([]);
			room = perCall;
		}
		tasks.at(-1)?.push(work);
		room -= needed;
	}
	return tasks;
}
