import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze, MetadataStore, RecordWriteOutcome } from "#domain/ports/metadata-store.ts";
import type { Draws } from "#simulation/draws.ts";
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
		return {
			readNearest: async (partition) => this.nearest(region, partition),
			readControl: async (partition) => this.control.get(partition),
			create: async (record) => this.#write(record, undefined),
			replace: async (next) => this.#write(next, next.version - 1),
			list: async () => ({ records: [...this.control.values()] }),
			readFreeze: async () => this.freeze,
			writeFreeze: async (next) => {
				this.freeze = next;
			},
		};
	}

	#write(record: PartitionRecord, expected: number | undefined): RecordWriteOutcome {
		const current = this.control.get(record.partition);
		if (current?.version !== expected) return { kind: "conflict", current };
		this.put(record);
		return { kind: "written", record };
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
