import type { RegionId } from "#domain/geography/region-id.ts";
import { demandOf, expectedCostMs, type RoundTripTimeMs } from "#domain/placement/expected-cost.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** What a change of leadership is expected to save its viewers within the forecast's window. Negative where it costs them. */
export interface ExpectedSaving {
	readonly windowHours: number;
	readonly expectedAccesses: number;
	/** Mean round-trip time now and afterwards, in ms. */
	readonly meanNowMs: number;
	readonly meanAfterMs: number;
	/** Over all accesses of the window, in ms. */
	readonly savingMs: number;
}

/** By the forecast with the longest window; undefined before the first, and where leadership stays. */
export function expectedSaving(
	vectors: readonly PredictionVector[],
	now: RegionId,
	after: RegionId,
	rttMs: RoundTripTimeMs,
): ExpectedSaving | undefined {
	const vector = vectors.toSorted((a, b) => b.windowHours - a.windowHours)[0];
	if (vector === undefined || now === after) return undefined;
	const demand = demandOf(vector);
	const [meanNowMs, meanAfterMs] = [expectedCostMs(demand, now, rttMs), expectedCostMs(demand, after, rttMs)];
	const { windowHours, expectedAccesses } = vector;
	return { windowHours, expectedAccesses, meanNowMs, meanAfterMs, savingMs: (meanNowMs - meanAfterMs) * expectedAccesses };
}
