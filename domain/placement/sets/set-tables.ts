import type { RegionId } from "#domain/geography/region-id.ts";
import type { RoundTripTimeMs } from "#domain/placement/expected-cost.ts";
import { choose, MAX_SETS, SetTable } from "#domain/placement/sets/set-table.ts";

/** The tables of one to so many copies, for some regions. */
export type TablesOf = (regions: readonly RegionId[], maxCopies: number) => readonly SetTable[];

/** Makes tables of sets and keeps them: most partitions of a run choose among the same regions. @returns tables of 1, 2, … copies, as many as can be looked at one by one */
export function createSetTables(rttMs: RoundTripTimeMs): TablesOf {
	const kept = new Map<string, readonly SetTable[]>();
	return (regions, maxCopies) => {
		const key = `${maxCopies} ${regions.join(" ")}`;
		const known = kept.get(key);
		if (known !== undefined) return known;
		const matrix = Float64Array.from(regions.flatMap((from) => regions.map((to) => rttMs(from, to))));
		const sizes = Array.from({ length: Math.min(maxCopies, regions.length) }, (_, index) => index + 1);
		const tables = sizes
			.filter((copies) => choose(regions.length, copies) <= MAX_SETS)
			.map((copies) => new SetTable(regions.length, copies, matrix));
		kept.set(key, tables);
		return tables;
	};
}
