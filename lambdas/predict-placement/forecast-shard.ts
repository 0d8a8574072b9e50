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
import type { HourCount, PartitionState } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { parentKey, parentOf } from "#domain/prediction/parent.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { type RunSettings, WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { type ShardResult, type ShardTask, shardTaskSchema } from "#lambdas/predict-placement/payloads.ts";
import { globalAsParent, globalFeatures, parentFeatures, partitionFeatures } from "#predictor/features/build-features.ts";
import { applyToPartition, dominantSegment } from "#predictor/features/partition-state.ts";

export interface ForecastShardDeps {
	readonly counts: AccessCounts;
	readonly store: PredictionStore;
	readonly predictor: Predictor;
	readonly events: Pick<EventStore, "list">;
	readonly calendar: Pick<CalendarStore, "read">;
	readonly regions: readonly RegionId[];
	readonly settings: RunSettings;
}

/** Takes new counts into their partitions' states, forecasts what is due, and stores state and vectors together. */
export async function forecastShard(deps: ForecastShardDeps, input: unknown): Promise<ShardResult> {
	const task = shardTaskSchema.parse(input);
	const runHour = hourOf(Date.parse(task.scheduledTime));
	const states = await dueStates(deps, task, runHour);
	if (states.size === 0) return { forecast: 0, lists: [] };
	const [request, factors] = await Promise.all([requestFor(deps, states, task, runHour), factorsFor(deps, runHour)]);
	const vectors = (await deps.predictor.forecast(request)).map((vector) => applyExternalFactors(vector, factors(vector.partition)));
	const forecasts = withVectors(states, vectors, runHour);
	const names = forecasts.map(({ partition }) => partition);
	const [lists] = await Promise.all([
		deps.store.writeLists(nextRefreshHour(runHour, deps.settings), runHour, names),
		deps.store.writePartitions(forecasts),
	]);
	const fallbacks = forecasts.filter(({ vectors: made }) => made.some(({ fallback }) => fallback !== undefined)).length;
	return { forecast: forecasts.length, ...(fallbacks === 0 ? {} : { fallbacks }), lists: [...lists] };
}

/** What is known from outside of each partition in the hours ahead. */
async function factorsFor({ events, calendar, regions }: ForecastShardDeps, runHour: number) {
	const [declared, effect] = await Promise.all([events.list(), calendar.read()]);
	const ofEvents = eventFactors(declared);
	const holidays =
		effect === undefined ? [] : holidayFactors(effect, holidayCalendar(regions, runHour, runHour + Math.max(...WINDOWS_HOURS)));
	return (partition: PartitionId) => [...ofEvents(partition), ...holidays];
}

type States = ReadonlyMap<PartitionId, PartitionState>;

/** The partitions that were accessed or are to be refreshed, with their states after the new counts, in the order of their names. */
async function dueStates({ counts, store, settings }: ForecastShardDeps, task: ShardTask, runHour: number): Promise<States> {
	const [hourly, listed] = await Promise.all([
		Promise.all(task.work.flatMap(({ shard, countHours }) => countHours.map((hour) => counts.readHour(hour, shard)))),
		store.readLists(task.work.flatMap(({ dueLists }) => dueLists)),
	]);
	const accessed = groupByPartition(hourly.flat());
	const names = [...new Set([...accessed.keys(), ...listed])].sort();
	const known = await store.readPartitions(names);
	const states = new Map<PartitionId, PartitionState>();
	for (const name of names) {
		const before = known.get(name);
		const fresh = accessed.get(name);
		const due = fresh !== undefined || (before !== undefined && isRefreshDue(refreshOf(before), runHour, settings));
		const state = due ? applyToPartition(before?.state, fresh ?? [], task.throughHour) : undefined;
		if (state !== undefined) states.set(name, state);
	}
	return states;
}

const refreshOf = ({ forecastHour, state }: PartitionForecast) => ({ forecastHour, lastHour: state.lastHour });

function groupByPartition(counts: readonly HourCount[]): ReadonlyMap<PartitionId, readonly HourCount[]> {
	const groups = new Map<PartitionId, HourCount[]>();
	for (const count of counts) {
		const partition = partitionId(count.partition);
		const group = groups.get(partition);
		if (group === undefined) groups.set(partition, [count]);
		else group.push(count);
	}
	return groups;
}

/** Everything the model needs, as of the hour of the run. */
async function requestFor(
	{ store, regions }: ForecastShardDeps,
	states: States,
	task: ShardTask,
	runHour: number,
): Promise<ForecastRequest> {
	const parentKeys = new Map(
		[...states].map(([partition, state]) => [partition, parentKey(parentOf(partition, dominantSegment(state)))] as const),
	);
	const wanted = [...new Set([...parentKeys.values()].filter((key) => key !== undefined))];
	const [globalState, parents] = await Promise.all([store.readGlobal(), store.readParents(wanted)]);
	const global = globalFeatures(globalState, runHour, regions, WINDOWS_HOURS);
	const partitions = [...states].map(([partition, state]) => {
		const key = parentKeys.get(partition);
		const parent = key === undefined ? globalAsParent(global) : parentFeatures(parents.get(key), runHour, regions);
		return partitionFeatures(partition, state, parent, runHour, regions);
	});
	return { madeAtMs: Date.parse(task.scheduledTime), windowHours: WINDOWS_HOURS, regions, global, partitions };
}

function withVectors(states: States, vectors: readonly PredictionVector[], forecastHour: number): readonly PartitionForecast[] {
	const byPartition = new Map<PartitionId, PredictionVector[]>();
	for (const vector of vectors) byPartition.set(vector.partition, [...(byPartition.get(vector.partition) ?? []), vector]);
	return [...states].map(([partition, state]) => ({ partition, state, vectors: byPartition.get(partition) ?? [], forecastHour }));
}
