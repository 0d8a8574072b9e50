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
	/** The progress that this instance's last run left in an hour without work: the next one reads by it before it knows. Written here. */
	readonly last: { progress: RunProgress | undefined };
}

type ReportedHour = Awaited<ReturnType<AccessCounts["reportedShards"]>>[number];

const MINUTE_MS = 60_000;
/** Idle hours that are looked at again before the progress is written down. */
const IDLE_HOURS_BETWEEN_WRITES = 48;

/**
 * Finds what is due and takes new counts into the states that all shards share. An hour without accesses and without refreshes
 * ends here after three reads, which are made together where the hour before was another.
 */
export async function listShards(deps: ListShardsDeps, input: unknown): Promise<RunPlan> {
	const { scheduledTime } = runInputSchema.parse(input);
	const scheduledMs = Date.parse(scheduledTime);
	const runHour = hourOf(scheduledMs);
	const { progress, range, reported, lists } = await readDue(deps, scheduledMs);
	const { hours, throughHour } = bounded(reported, range.throughHour, deps.settings.maxHoursPerRun);
	const idle = hours.length === 0 && lists.length === 0;
	if (idle && throughHour - range.fromHour < IDLE_HOURS_BETWEEN_WRITES) {
		deps.last.progress = progress;
		return { outcome: "nothing-due", scheduledTime };
	}
	// hours that are closed read the same whoever has the claim
	const [claimed, counts] = await Promise.all([claim(deps, scheduledTime, progress), readCounts(deps.counts, hours)]);
	if (!claimed) return { outcome: "busy", scheduledTime };
	if (idle) {
		const done = { throughHour, dueThroughHour: runHour };
		if (await deps.store.completeRun(scheduledTime, done)) deps.last.progress = done;
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

/** What is not done yet; a guess that does not hold costs two reads. */
async function readDue(deps: ListShardsDeps, scheduledMs: number) {
	const guess = deps.last.progress;
	deps.last.progress = undefined;
	const [progress, guessed] = await Promise.all([deps.store.readProgress(), guess && readSince(deps, guess, scheduledMs)]);
	const holds = progress.throughHour === guess?.throughHour && progress.dueThroughHour === guess?.dueThroughHour;
	return holds && guessed !== undefined ? guessed : readSince(deps, progress, scheduledMs);
}

async function readSince({ counts, store, settings }: ListShardsDeps, progress: RunProgress, scheduledMs: number) {
	const range = rangeOf(progress, scheduledMs, settings);
	const [reported, lists] = await Promise.all([
		counts.reportedShards(range.fromHour, range.throughHour),
		store.dueLists((progress.dueThroughHour ?? -1) + 1, hourOf(scheduledMs)),
	]);
	return { progress, range, reported, lists };
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

function claim({ store, clock, settings }: ListShardsDeps, runId: string, seen: RunProgress): Promise<boolean> {
	const nowMs = clock.nowMs();
	return store.claimRun(runId, seen, nowMs, nowMs + settings.leaseMinutes * MINUTE_MS);
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
