import type { RegionId } from "#domain/geography/region-id.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { CalendarStore } from "#domain/ports/calendar-store.ts";
import type { EventStore } from "#domain/ports/event-store.ts";
import type { PartitionForecast, PredictionStore } from "#domain/ports/prediction-store.ts";
import type { Predictor } from "#domain/ports/predictor.ts";
import { isRefreshDue, nextRefreshHour } from "#domain/prediction/due.ts";
import { applyExternalFactors } from "#domain/prediction/external/apply-external-factors.ts";
import { eventFactors } from "#domain/prediction/external/factors-of.ts";
import { holidayFactors } from "#domain/prediction/external/holiday-effect.ts";
import { holidayCalendar } from "#domain/prediction/external/holidays.ts";
import { tiltOutlook } from "#domain/prediction/external/tilt-outlook.ts";
import type { HourCount, ParentState, PartitionState } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { parentKeysOf } from "#domain/prediction/parent.ts";
import { openProbes, type ProbeRound, watchProbes } from "#domain/prediction/probes.ts";
import { addScores, type ForecastScore, NOTHING_SCORED, scoreForecast } from "#domain/prediction/score-forecast.ts";
import { OUTLOOK_SHORT_HOURS, type RunSettings, WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { type ShardResult, type ShardTask, shardTaskSchema } from "#lambdas/predict-placement/payloads.ts";
import { applyToPartition, freshCounts } from "#predictor/features/apply-counts.ts";
import { seenOf } from "#predictor/models/calibration.ts";

export interface ForecastShardDeps {
	readonly counts: AccessCounts;
	readonly store: PredictionStore;
	readonly predictor: Predictor;
	readonly events: Pick<EventStore, "list">;
	readonly calendar: Pick<CalendarStore, "read">;
	readonly regions: readonly RegionId[];
	readonly settings: RunSettings;
	/** Told how the shortest forecasts that were stored compare with what has come since. @default nobody is told */
	readonly onScore?: (score: ForecastScore) => void;
}

/** Takes new counts into their partitions' states, forecasts what is due, and stores state and vectors together. */
export async function forecastShard(deps: ForecastShardDeps, input: unknown): Promise<ShardResult> {
	const task = shardTaskSchema.parse(input);
	const runHour = hourOf(Date.parse(task.scheduledTime));
	const [{ due, parents }, shared, factors] = await Promise.all([
		duePartitions(deps, task, runHour),
		readShared(deps.store),
		factorsFor(deps, runHour),
	]);
	if (due.length === 0) return { forecast: 0, lists: [] };
	const request = await requestFor(deps, due, parents, shared, task);
	const { vectors, outlooks } = await deps.predictor.forecast(request);
	const { regions } = deps;
	const shortJoints = new Map(
		vectors.filter(({ windowHours }) => windowHours === OUTLOOK_SHORT_HOURS).map(({ partition, joint }) => [partition, joint]),
	);
	const tilted = Map.groupBy(
		vectors.map((vector) => applyExternalFactors(vector, factors(vector.partition))),
		({ partition }) => partition,
	);
	const forecasts = due.map(({ partition, state, probes }): PartitionForecast => {
		const own = tilted.get(partition) ?? [];
		const outlook = outlooks.get(partition);
		if (outlook !== undefined) tiltOutlook(outlook, regions, factors(partition), shortJoints.get(partition));
		return { partition, state, vectors: own, forecastHour: runHour, outlook, probes: openProbes(probes.open, own) };
	});
	const lists = await deps.store.writeForecasts(nextRefreshHour(runHour, deps.settings), runHour, forecasts);
	const fallbacks = forecasts.filter(({ vectors: made }) => made.some(({ fallback }) => fallback !== undefined)).length;
	const seen = seenOf(due.flatMap(({ probes }) => probes.closed));
	return {
		forecast: forecasts.length,
		...(fallbacks === 0 ? {} : { fallbacks }),
		...(Object.keys(seen).length === 0 ? {} : { seen }),
		lists: [...lists],
	};
}

/** What is known from outside of each partition in the hours ahead. */
async function factorsFor({ events, calendar, regions }: ForecastShardDeps, runHour: number) {
	const [declared, effect] = await Promise.all([events.list(), calendar.read()]);
	const ofEvents = eventFactors(declared);
	const holidays =
		effect === undefined ? [] : holidayFactors(effect, holidayCalendar(regions, runHour, runHour + Math.max(...WINDOWS_HOURS)));
	return (partition: PartitionId) => [...ofEvents(partition), ...holidays];
}

/** A partition that is to be forecast. */
interface Due {
	readonly partition: PartitionId;
	/** After the new counts. */
	readonly state: PartitionState;
	readonly probes: ProbeRound;
}

/** Parents' states by their key; undefined: it was asked for, and there is none. */
type Parents = ReadonlyMap<string, ParentState | undefined>;

/** The partitions that were accessed or are to be refreshed, in the order of their names, and the parents that their names and counts tell. */
async function duePartitions(
	{ counts, store, settings, regions, onScore }: ForecastShardDeps,
	task: ShardTask,
	runHour: number,
): Promise<{ readonly due: readonly Due[]; readonly parents: Parents }> {
	const [hourly, listed] = await Promise.all([
		Promise.all(task.work.flatMap(({ shard, countHours }) => countHours.map((hour) => counts.readHour(hour, shard)))),
		store.readLists(task.work.flatMap(({ dueLists }) => dueLists)),
	]);
	const accessed = Map.groupBy(hourly.flat(), ({ partition }) => partitionId(partition));
	const names = [...new Set([...accessed.keys(), ...listed])].sort();
	const likely = names.flatMap((partition) => parentKeysOf(partition, accessed.get(partition)?.map(({ segment }) => segment) ?? []));
	const [known, parents] = await Promise.all([store.readPartitions(names), readParents(store, likely)]);
	onScore?.(scoreAll(known, accessed));
	const due = names.flatMap((partition): readonly Due[] => {
		const before = known.get(partition);
		const counted = accessed.get(partition) ?? [];
		const isDue = counted.length > 0 || (before !== undefined && isRefreshDue(refreshOf(before), runHour, settings));
		const state = isDue ? applyToPartition(before?.state, counted, task.throughHour) : undefined;
		if (state === undefined) return [];
		const fresh = freshCounts(counted, before?.state, task.throughHour);
		return [{ partition, state, probes: watchProbes(before?.probes ?? [], fresh, regions, task.throughHour) }];
	});
	return { due, parents };
}

async function readParents(store: PredictionStore, keys: readonly string[]): Promise<Parents> {
	const distinct = [...new Set(keys)];
	const found = await store.readParents(distinct);
	return new Map(distinct.map((key) => [key, found.get(key)]));
}

/** The shortest window is the first to be known, and the one that leaders follow. */
function scoreAll(
	known: ReadonlyMap<PartitionId, PartitionForecast>,
	accessed: ReadonlyMap<PartitionId, readonly HourCount[]>,
): ForecastScore {
	const shortest = Math.min(...WINDOWS_HOURS);
	return [...accessed].reduce((sum, [partition, fresh]) => {
		const vector = known.get(partition)?.vectors.find(({ windowHours }) => windowHours === shortest);
		return vector === undefined ? sum : addScores(sum, scoreForecast(vector, fresh));
	}, NOTHING_SCORED);
}

const refreshOf = ({ forecastHour, state }: PartitionForecast) => ({ forecastHour, lastHour: state.lastHour });

type Shared = Awaited<ReturnType<typeof readShared>>;

/** What all shards' forecasts have in common. */
async function readShared(store: PredictionStore) {
	const [global, calibration] = await Promise.all([store.readGlobal(), store.readCalibration()]);
	return { ...(global === undefined ? {} : { global }), ...(calibration === undefined ? {} : { calibration: calibration.windows }) };
}

/** Everything the model needs, as of the hour of the run; parents that are not among the given are read. */
async function requestFor(
	{ store, regions }: ForecastShardDeps,
	due: readonly Due[],
	given: Parents,
	shared: Shared,
	task: ShardTask,
): Promise<ForecastRequest> {
	const wanted = [...new Set(due.flatMap(({ partition, state }) => parentKeysOf(partition, Object.keys(state.segments ?? {}))))];
	const missing = wanted.filter((key) => !given.has(key));
	const read = missing.length === 0 ? given : new Map([...given, ...(await readParents(store, missing))]);
	return {
		...shared,
		madeAtMs: Date.parse(task.scheduledTime),
		windowHours: WINDOWS_HOURS,
		regions,
		parents: Object.fromEntries(
			wanted.flatMap((key) => {
				const state = read.get(key);
				return state === undefined ? [] : [[key, state] as const];
			}),
		),
		partitions: due.map(({ partition, state }) => ({ partition, state })),
		outlooks: true,
	};
}
