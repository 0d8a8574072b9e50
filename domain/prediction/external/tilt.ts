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
