import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { HourCount, ParentState, PartitionState } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { parentKey, parentOf } from "#domain/prediction/parent.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { applyToGlobal, applyToParent, applyToPartition } from "#predictor/features/apply-counts.ts";

export const GOLDEN_REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);
/** 2024-03-18T05:00Z in hours: a week before, clocks have changed in one of the regions. */
export const GOLDEN_HOUR = Date.parse("2024-03-18T05:00:00Z") / HOUR_MS;
const HISTORY_HOURS = 60 * 24;
const SEGMENTS = ["", "", "office", "travel"];

/** Accesses of `size` partitions over sixty days, in order of time: some with a parent by name, some with segments, each with hours of its own. */
export function goldenHistory(size: number, accesses = 40 * size): readonly HourCount[] {
	const random = seededRandom(5);
	const cells = new Map<string, HourCount>();
	for (let access = 0; access < accesses; access += 1) {
		const number = Math.floor(random() * size);
		const day = Math.floor(random() * (HISTORY_HOURS / 24));
		const hour = GOLDEN_HOUR - HISTORY_HOURS + 24 * day + ((number * 5 + Math.floor(random() * 9)) % 24);
		const region = GOLDEN_REGIONS[(number + (random() < 0.7 ? 0 : 1)) % 3] ?? "";
		const segment = number % 2 === 0 ? "" : (SEGMENTS[Math.floor(random() * SEGMENTS.length)] ?? "");
		const partition = number % 3 === 0 ? `team:p${number}` : `p${number}`;
		const count = 1 + Math.floor(random() * 4);
		cells.set(`${hour}/${partition}/${region}/${segment}`, { partition, region, segment, hour, reportHour: hour, count });
	}
	return [...cells.values()].filter(({ hour }) => hour < GOLDEN_HOUR).sort((a, b) => a.hour - b.hour);
}

/** A request about a history as a deployment would make it, that has taken it in run by run. */
export function requestFrom(history: readonly HourCount[], everyHours: number): ForecastRequest {
	const partitions = new Map<string, PartitionState>();
	const parents = new Map<string, ParentState>();
	let global: ForecastRequest["global"];
	const runs = Map.groupBy(history, ({ hour }) => Math.ceil((hour + 1) / everyHours) * everyHours - 1);
	for (const [through, counts] of [...runs].sort(([a], [b]) => a - b)) {
		for (const [name, own] of Map.groupBy(counts, ({ partition }) => partition)) {
			const next = applyToPartition(partitions.get(name), own, through);
			if (next !== undefined) partitions.set(name, next);
		}
		for (const [key, own] of Map.groupBy(counts, ({ partition, segment }) => parentKey(parentOf(partition, segment)))) {
			const next = key === undefined ? undefined : applyToParent(parents.get(key), own, through);
			if (key !== undefined && next !== undefined) parents.set(key, next);
		}
		global = applyToGlobal(global, counts, through);
	}
	const inputs = [...partitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, state]) => ({ partition: partitionId(name), state }));
	return {
		madeAtMs: GOLDEN_HOUR * HOUR_MS + 120_000,
		windowHours: [6, 24, 168],
		regions: GOLDEN_REGIONS,
		...(global === undefined ? {} : { global }),
		parents: Object.fromEntries(parents),
		partitions: inputs,
		outlooks: true,
	};
}

/** A request of `size` partitions that differ, always the same. */
export const goldenRequest = (size: number): ForecastRequest => requestFrom(goldenHistory(size), 7);
