import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze, MetadataStore } from "#domain/ports/metadata-store.ts";
import { memoryMetadataStore } from "#simulation/stores/memory-metadata-store.ts";

/** The records of the control region, and the copies that regions see until they are replicated. */
export class MemoryMetadata {
	readonly control = new Map<PartitionId, PartitionRecord>();
	/** What the nearest copy holds; follows `control` only through `replicate`. */
	readonly copies = new Map<PartitionId, PartitionRecord>();

	replicate(): void {
		for (const [partition, record] of this.control) this.copies.set(partition, record);
	}

	store(): MetadataStore {
		const freeze: Freeze = { global: false, regions: [] };
		return memoryMetadataStore({
			control: this.control,
			nearest: (partition) => this.copies.get(partition),
			put: (record) => void this.control.set(record.partition, record),
			switches: { freeze },
		});
	}
}
