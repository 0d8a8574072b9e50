import type { RegionId } from "#domain/geography/region-id.ts";
import { assert } from "#domain/shared/assert.ts";
import type { AccessHistory } from "#predictor/features/history.ts";

const MAX_REGIONS = 64;
const MAX_SEGMENTS = 65_535;

/** Collects accesses in order of time into cells: one a partition, region, segment and hour. */
export class CellBuilder {
	readonly #regions: readonly RegionId[];
	readonly #regionIndex: ReadonlyMap<RegionId, number>;
	readonly #partitions = new Map<string, number>();
	readonly #segments = new Map<string, number>([["", 0]]);
	/** Cells of the hour under way: partition, region and segment as one number -> count. */
	readonly #open = new Map<number, number>();
	readonly #done = {
		hour: [] as number[],
		partition: [] as number[],
		region: [] as number[],
		segment: [] as number[],
		count: [] as number[],
	};
	#hour = Number.NEGATIVE_INFINITY;
	#volume = 0;

	constructor(regions: readonly RegionId[]) {
		assert(regions.length <= MAX_REGIONS, "at most 64 regions");
		this.#regions = regions;
		this.#regionIndex = new Map(regions.map((region, index) => [region, index]));
	}

	/** @param hour not before the hour of the last access; a segment beyond the 65,535th counts as none */
	add(partition: string, region: RegionId, segment: string, hour: number, count: number): void {
		if (hour !== this.#hour) this.#close(hour);
		const regionIndex = this.#regionIndex.get(region);
		assert(regionIndex !== undefined, `region ${region} is not one of the trace`);
		const partitionIndex = indexOf(this.#partitions, partition);
		const segmentIndex = this.#segments.size < MAX_SEGMENTS ? indexOf(this.#segments, segment) : (this.#segments.get(segment) ?? 0);
		const key = (partitionIndex * MAX_REGIONS + regionIndex) * MAX_SEGMENTS + segmentIndex;
		this.#open.set(key, (this.#open.get(key) ?? 0) + count);
		this.#volume += count;
	}

	build(): AccessHistory {
		this.#close(Number.POSITIVE_INFINITY);
		return {
			regions: this.#regions,
			partitions: [...this.#partitions.keys()],
			segments: [...this.#segments.keys()],
			cells: {
				hour: Int32Array.from(this.#done.hour),
				partition: Int32Array.from(this.#done.partition),
				region: Uint8Array.from(this.#done.region),
				segment: Uint16Array.from(this.#done.segment),
				count: Float64Array.from(this.#done.count),
			},
			volume: this.#volume,
		};
	}

	#close(nextHour: number): void {
		assert(nextHour >= this.#hour, "accesses in order of time");
		for (const [key, count] of [...this.#open].sort(([a], [b]) => a - b)) {
			const place = Math.floor(key / MAX_SEGMENTS);
			this.#done.hour.push(this.#hour);
			this.#done.partition.push(Math.floor(place / MAX_REGIONS));
			this.#done.region.push(place % MAX_REGIONS);
			this.#done.segment.push(key % MAX_SEGMENTS);
			this.#done.count.push(count);
		}
		this.#open.clear();
		this.#hour = nextHour;
	}
}

function indexOf(known: Map<string, number>, name: string): number {
	const found = known.get(name);
	if (found !== undefined) return found;
	known.set(name, known.size);
	return known.size - 1;
}
