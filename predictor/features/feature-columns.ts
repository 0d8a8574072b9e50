import { RegionClocks } from "#domain/geography/region-clocks.ts";
import { EVERYBODY, numberParents, type Parents } from "#predictor/features/parents.ts";
import { type HourCells, PartitionColumns } from "#predictor/features/partition-columns.ts";
import { GlobalColumns, ParentColumns } from "#predictor/features/shared-columns.ts";

/** What forecasting remembers of all partitions, their parents and everybody, in flat arrays. */
export class FeatureColumns {
	readonly regions: number;
	readonly clocks: RegionClocks;
	readonly parents: Parents;
	readonly own: PartitionColumns;
	readonly ofParents: ParentColumns;
	readonly ofAll: GlobalColumns;
	readonly #segmentNumbers: ReadonlyMap<string, number>;

	/** @param regions AWS region codes in the order of the cells' numbers @param segments what the cells' segments are called; the first is "" */
	constructor(partitions: readonly string[], regions: readonly string[], segments: readonly string[] = [""]) {
		this.regions = regions.length;
		this.clocks = new RegionClocks(regions);
		this.parents = numberParents(partitions, segments);
		this.own = new PartitionColumns(partitions.length, regions, segments);
		this.ofParents = new ParentColumns(this.parents.size, regions);
		this.ofAll = new GlobalColumns(regions);
		this.#segmentNumbers = new Map(segments.map((segment, number) => [segment, number]));
	}

	/** Takes in the cells `from` until before `to`, all of one `hour` that is not before the last one taken. */
	take(cells: HourCells, from: number, to: number, hour: number): void {
		for (let begin = from; begin < to; ) {
			const partition = cells.partition[begin] ?? 0;
			let end = begin;
			for (; end < to && cells.partition[end] === partition; end += 1) this.#takeShared(cells, end, partition, hour);
			this.own.take(partition, cells, begin, end, hour);
			begin = end;
		}
	}

	/** The parent that a partition is forecast with: that of its name, else of the segment with most of its accesses, else everybody. */
	parentOf(partition: number): number {
		const named = this.parents.named[partition] ?? EVERYBODY;
		if (named >= 0) return named;
		const segment = this.own.segments.dominant(partition);
		return segment === undefined ? EVERYBODY : (this.parents.ofSegment[this.#segmentNumbers.get(segment) ?? 0] ?? EVERYBODY);
	}

	#takeShared({ region, count, segment }: HourCells, cell: number, partition: number, hour: number): void {
		const named = this.parents.named[partition] ?? EVERYBODY;
		const parent = named >= 0 ? named : (this.parents.ofSegment[segment?.[cell] ?? 0] ?? EVERYBODY);
		const [from, accesses] = [region[cell] ?? 0, count[cell] ?? 0];
		if (parent !== EVERYBODY) this.ofParents.add(parent, from, accesses, hour);
		this.ofAll.add(from, accesses, hour);
	}
}
