import type { RegionId } from "#domain/geography/region-id.ts";

/** Something outside the counts that changes where accesses come from while it lasts: an event or a holiday. */
export interface ExternalFactor {
	/** For the record of what tilted a forecast. */
	readonly name: string;
	readonly startMs: number;
	readonly endMs: number;
	/** Region -> factor on its accesses; regions that are not named go on as usual. */
	readonly lift: ReadonlyMap<RegionId, number>;
	/** Only accesses of these segments; undefined: of all. */
	readonly segments?: ReadonlySet<string>;
}

/** The time that a forecast is for, in ms since the Unix epoch. */
export interface ForecastSpan {
	readonly fromMs: number;
	readonly untilMs: number;
}

/** The share of a span that a factor lasts, 0..1. */
export const overlapOf = ({ startMs, endMs }: ExternalFactor, { fromMs, untilMs }: ForecastSpan): number =>
	Math.max(0, Math.min(endMs, untilMs) - Math.max(startMs, fromMs)) / (untilMs - fromMs);

/** What all factors together do to the accesses of a region over a span, in a segment if one is given: a factor. */
export function liftOf(factors: readonly ExternalFactor[], region: RegionId, span: ForecastSpan, segment?: string): number {
	return factors.reduce((product, factor) => {
		if (factor.segments !== undefined && (segment === undefined || !factor.segments.has(segment))) return product;
		return product * (1 + overlapOf(factor, span) * ((factor.lift.get(region) ?? 1) - 1));
	}, 1);
}
