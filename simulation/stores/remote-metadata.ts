import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { MetadataStore, RecordWriteOutcome } from "#domain/ports/metadata-store.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { Caller } from "#simulation/world/caller.ts";

export interface RemoteMetadataParts {
	/** The table as the caller's own region sees it. */
	readonly table: MetadataStore;
	readonly region: RegionId;
	readonly controlRegion: RegionId;
	/** Who calls, at the moment of a call. */
	readonly current: { readonly caller: Caller };
	readonly recorded: (before: PartitionRecord | undefined, after: PartitionRecord) => void;
}

/** The metadata table as one process reaches it: reads of the nearest copy at home, everything else in the control region. */
export function remoteMetadata(parts: RemoteMetadataParts): MetadataStore {
	const { table, region, controlRegion, recorded } = parts;
	const control = <T>(operation: string, isWrite: boolean, work: () => Promise<T>): Promise<T> =>
		parts.current.caller.call(controlRegion, operation, isWrite, work);
	const write = async (next: PartitionRecord, work: () => Promise<RecordWriteOutcome>): Promise<RecordWriteOutcome> => {
		const before = await table.readControl(next.partition);
		const outcome = await work();
		if (outcome.kind === "written") recorded(before, outcome.record);
		return outcome;
	};
	return {
		readNearest: (partition) => parts.current.caller.call(region, "readNearest", false, () => table.readNearest(partition)),
		readControl: (partition) => control("readControl", false, () => table.readControl(partition)),
		readMany: (partitions) => control("readMany", false, () => table.readMany(partitions)),
		readManyAndFreeze: (partitions) => control("readManyAndFreeze", false, () => table.readManyAndFreeze(partitions)),
		create: (record) => control("create", true, () => write(record, () => table.create(record))),
		replace: (next) => control("replace", true, () => write(next, () => table.replace(next))),
		list: (page) => control("list", false, () => table.list(page)),
		readFreeze: () => control("readFreeze", false, () => table.readFreeze()),
		writeFreeze: (freeze) => control("writeFreeze", true, () => table.writeFreeze(freeze)),
	};
}

/** The migration records as one process reaches them, in the control region. */
export function remoteMigrations(table: MigrationStore, controlRegion: RegionId, caller: Caller): MigrationStore {
	return {
		read: (migrationId) => caller.call(controlRegion, "read", false, () => table.read(migrationId)),
		create: (record: MigrationRecord) => caller.call(controlRegion, "createMigration", true, () => table.create(record)),
		update: (next: MigrationRecord) => caller.call(controlRegion, "update", true, () => table.update(next)),
		list: (page) => caller.call(controlRegion, "listMigrations", false, () => table.list(page)),
		count: (state) => caller.call(controlRegion, "count", false, () => table.count(state)),
		noteCopy: (event) => caller.call(controlRegion, "noteCopy", true, () => table.noteCopy(event)),
		copyEvents: (partition) => caller.call(controlRegion, "copyEvents", false, () => table.copyEvents(partition)),
	};
}
