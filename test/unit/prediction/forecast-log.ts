import type { RegionId } from "#domain/geography/region-id.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { type PredictionVector, windowOf } from "#domain/prediction/prediction-vector.ts";
import { applyToGlobal, applyToPartition } from "#predictor/features/apply-counts.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";

/** Accesses of one partition by hour and region. */
export type Log = readonly HourCount[];

/** The built-in model's forecast of a partition at the beginning of `atHour`, from everything in the log before. */
export function forecastAt(
	log: Log,
	partition: string,
	atHour: number,
	windowHours: number,
	regions: readonly RegionId[],
): PredictionVector {
	const before = log.filter(({ reportHour }) => reportHour < atHour);
	const own = before.filter((count) => count.partition === partition);
	const id: PartitionId = partitionId(partition);
	const [state, global] = [applyToPartition(undefined, own, atHour - 1), applyToGlobal(undefined, before, atHour - 1)];
	if (state === undefined || global === undefined) throw new Error("never accessed");
	const request = {
		madeAtMs: atHour * HOUR_MS,
		windowHours: [windowHours],
		regions,
		global,
		parents: {},
		partitions: [{ partition: id, state }],
	};
	const [vector] = forecast(createModel(DEFAULT_ARTEFACT), request).vectors;
	if (vector === undefined) throw new Error("no forecast");
	return vector;
}

/** What the accesses of the window cost a forecaster: mean of -ln P(region), and how many there were. */
export function outcomeOf(log: Log, vector: PredictionVector): { readonly logLoss: number; readonly accesses: number } {
	const { fromMs, untilMs } = windowOf(vector);
	const inside = log.filter(
		({ partition, hour }) => partition === vector.partition && hour * HOUR_MS >= fromMs && hour * HOUR_MS < untilMs,
	);
	const accesses = inside.reduce((sum, { count }) => sum + count, 0);
	const loss = inside.reduce((sum, { region, count }) => {
		const index = vector.regions.indexOf(region as RegionId);
		return sum - count * Math.log(vector.probabilities[index] ?? 1e-12);
	}, 0);
	return { logLoss: loss / accesses, accesses };
}
