import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze, MetadataStore } from "#domain/ports/metadata-store.ts";
import type { Draws } from "#simulation/draws.ts";
import { memoryMetadataStore } from "#simulation/stores/memory-metadata-store.ts";
import type { VirtualTime } from "#simulation/virtual-time.ts";

interface Arriving {
	readonly record: PartitionRecord;
	readonly atMs: number;
}

/** The metadata table: the control region's copy, and what every other region has received of it by now. */
export class ReplicatedMetadata {
	readonly control = new Map<PartitionId, PartitionRecord>();
	freeze: Freeze = { global: false, regions: [] };
	readonly #arriving = new Map<string, Arriving[]>();
	readonly #time: VirtualTime;
	readonly #draws: Draws;
	readonly #regions: readonly RegionId[];
	readonly #delayMs: number;

	constructor(parts: { time: VirtualTime; draws: Draws; regions: readonly RegionId[]; delayMs: number }) {
		this.#time = parts.time;
		this.#draws = parts.draws;
		this.#regions = parts.regions;
		this.#delayMs = parts.delayMs;
	}

	/** The copy of one region; the first region is the control region, whose copy is never behind. */
	nearest(region: RegionId, partition: PartitionId): PartitionRecord | undefined {
		if (region === this.#regions[0]) return this.control.get(partition);
		const arriving = this.#arriving.get(`${region} ${partition}`) ?? [];
		return arriving.findLast(({ atMs }) => atMs <= this.#time.nowMs)?.record;
	}

	/** The table as it is at the moment of each call. */
	table(region: RegionId): MetadataStore {
		return memoryMetadataStore({
			control: this.control,
			nearest: (partition) => this.nearest(region, partition),
			put: (record) => this.put(record),
			switches: this,
		});
	}

	/** Without a condition. */
	put(record: PartitionRecord): void {
		this.control.set(record.partition, record);
		for (const region of this.#regions.slice(1)) this.#send(region, record);
	}

	/** A later change never arrives before an earlier one. */
	#send(region: RegionId, record: PartitionRecord): void {
		const id = `${region} ${record.partition}`;
		const arriving = this.#arriving.get(id) ?? [];
		const atMs = Math.max(arriving.at(-1)?.atMs ?? 0, this.#time.nowMs + this.#draws.next() * this.#delayMs);
		this.#arriving.set(id, [...arriving, { record, atMs }]);
	}
}
