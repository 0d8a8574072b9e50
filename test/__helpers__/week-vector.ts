import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { WEEK_WINDOW_HOURS } from "#domain/prediction/settings.ts";

/** A week's forecast that expects so many accesses from each region. @param evidence accesses that it rests on */
export function weekVector(
	partition: PartitionId,
	{
		madeAtMs,
		regions,
		week,
		evidence,
	}: { readonly madeAtMs: number; readonly regions: readonly RegionId[]; readonly week: readonly number[]; readonly evidence: number },
): PredictionVector {
	const expectedAccesses = week.reduce((sum, count) => sum + count, 0);
	return {
		partition,
		madeAtMs,
		windowHours: WEEK_WINDOW_HOURS,
		regions,
		probabilities: week.map((count) => count / expectedAccesses),
		expectedAccesses,
		effectiveCount: evidence,
	};
}
