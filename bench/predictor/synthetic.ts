import { REGIONS } from "#bench/predictor/sizes.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { REGIONS as CATALOGUE } from "#domain/geography/regions.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { Trace } from "#replay/engine/trace.ts";

export const REGION_IDS: readonly RegionId[] = CATALOGUE.slice(0, REGIONS).map(({ id }) => id);

/** Round-trip times in ms between the regions, one after another. */
export function rttMs(): Float64Array {
	const rtt = createRttTable(REGION_IDS);
	return Float64Array.from(REGION_IDS.flatMap((from) => REGION_IDS.map((to) => rtt(from, to))));
}

const FIRST_HOUR = 400_000;

/** Accesses of as many partitions as there are in a fiftieth of them, in bursts of three, over sixty days; each partition has two regions. */
export function syntheticTrace(accesses: number): Trace {
	const random = seededRandom(1);
	const builder = new CellBuilder(REGION_IDS);
	const partitions = Math.max(10, Math.floor(accesses / 50));
	const hours = 24 * 60;
	const perHour = Math.ceil(accesses / hours / 3);
	let left = accesses;
	for (let hour = 0; hour < hours; hour += 1) {
		for (let burst = 0; burst < perHour && left > 0; burst += 1) {
			const partition = Math.floor(random() * partitions);
			const region = (partition + (random() < 0.7 ? 0 : 3)) % REGIONS;
			const count = Math.min(left, 3);
			builder.add(`t${partition % 100}:p${partition}`, REGION_IDS[region] ?? ("" as RegionId), "", FIRST_HOUR + hour, count);
			left -= count;
		}
	}
	return { ...builder.build(), bytes: { sum: 0, accesses: 0 }, reads: 0, writes: 0, rows: accesses, rowsSkipped: {} };
}
