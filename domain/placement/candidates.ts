import type { RegionId } from "#domain/geography/region-id.ts";
import { allowsCopyIn, type PartitionRecord } from "#domain/partition/record.ts";
import { type Alternative, Exclusion } from "#domain/placement/decision.ts";
import { compareCodes, type Demand, expectedCostMs, type RoundTripTimeMs } from "#domain/placement/expected-cost.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";

/** Costs this close are equal: rounding must not move data. */
const SAME_COST_MS = 1e-9;

/** Every region with its expected cost and what keeps it out; cheapest first, ties to the present leader, then by code. */
export function alternativesFor(
	record: PartitionRecord,
	demand: Demand,
	regions: readonly RegionId[],
	freeze: Freeze,
	rttMs: RoundTripTimeMs,
): readonly Alternative[] {
	const probabilities = new Map(demand.map(({ region, probability }) => [region, probability]));
	const alternatives = regions.map((region): Alternative => {
		const excludedBy = exclusionOf(record, region, freeze);
		return {
			region,
			costMs: expectedCostMs(demand, region, rttMs),
			probability: probabilities.get(region) ?? 0,
			...(excludedBy === undefined ? {} : { excludedBy }),
		};
	});
	const rank = (region: RegionId): number => (region === record.leader ? 0 : 1);
	return alternatives.sort((a, b) => byCost(a, b) || rank(a.region) - rank(b.region) || compareCodes(a.region, b.region));
}

function byCost(a: Alternative, b: Alternative): number {
	const difference = quantise(a.costMs) - quantise(b.costMs);
	return Math.abs(difference) < SAME_COST_MS ? 0 : difference;
}

/** Steps rather than a tolerance, because "nearly equal" is not transitive and would not sort. */
const quantise = (costMs: number): number => Math.round(costMs / SAME_COST_MS) * SAME_COST_MS;

function exclusionOf(record: PartitionRecord, region: RegionId, freeze: Freeze): Exclusion | undefined {
	if (!allowsCopyIn(record, region)) return Exclusion.Residency;
	if (record.pin !== undefined && record.pin !== region) return Exclusion.Pin;
	if (freeze.regions.includes(region)) return Exclusion.RegionFrozen;
	return undefined;
}
