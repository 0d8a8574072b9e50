import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze, MetadataStore, RecordWriteOutcome } from "#domain/ports/metadata-store.ts";

/** The records of the control region, and the copies that regions see until they are replicated. */
export class MemoryMetadata {
	readonly control = new Map<PartitionId, PartitionRecord>();
	/** What `readNearest` sees; follows `control` only through `replicate`. */
	readonly copies = new Map<PartitionId, PartitionRecord>();

	replicate(): void {
		for (const [partition, record] of this.control) this.copies.set(partition, record);
	}

	store(): MetadataStore {
		let freeze: Freeze = { global: false, regions: [] };
		return {
			readNearest: async (partition) => this.copies.get(partition),
			readControl: async (partition) => this.control.get(partition),
			create: async (record) => this.#write(record, undefined),
			replace: async (next) => this.#write(next, next.version - 1),
			list: async () => ({ records: [...this.control.values()] }),
			readFreeze: async () => freeze,
			writeFreeze: async (next) => {
				freeze = next;
			},
		};
	}

	#write(record: PartitionRecord, expected: number | undefined): RecordWriteOutcome {
		const current = this.control.get(record.partition);
		if (current?.version !== expected) return { kind: "conflict", current };
		this.control.set(record.partition, record);
		return { kind: "written", record };
	}
}
