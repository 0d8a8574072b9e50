import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** What a conditional write of a migration record found. */
export type MigrationWriteOutcome =
	| { readonly kind: "written"; readonly record: MigrationRecord }
	| { readonly kind: "conflict"; readonly current: MigrationRecord | undefined };

/** One page of migrations, newest first where `state` was given, else in no order. */
export interface MigrationPage {
	readonly migrations: readonly MigrationRecord[];
	/** Pass it to go on; absent at the end. */
	readonly cursor?: string;
}

/** A copy of a partition may exist in a region from here on, or is gone. The audit of where every copy was and when is made of these. */
export interface CopyEvent {
	readonly partition: PartitionId;
	readonly region: RegionId;
	/** `begins` is noted before the first write that makes the copy, `ended` after the last that removes it. */
	readonly event: "begins" | "ended";
	/** What did it: a migration, a removal of an orphan, a return after a promotion. */
	readonly cause: string;
	readonly atMs: number;
}

/** The migration records, in the control region. Every method throws `UnavailableError` when the table cannot be reached. */
export interface MigrationStore {
	/** Strongly consistent. */
	read(migrationId: string): Promise<MigrationRecord | undefined>;
	/** Creates the record if there is none. `conflict` carries the record that is there. */
	create(record: MigrationRecord): Promise<MigrationWriteOutcome>;
	/** Replaces the record if the stored `version` is still `next.version - 1`. */
	update(next: MigrationRecord): Promise<MigrationWriteOutcome>;
	/** May lag behind writes by a moment. */
	list(page: { readonly state?: MigrationState; readonly cursor?: string; readonly limit: number }): Promise<MigrationPage>;
	/** May lag behind writes by a moment. */
	count(state: MigrationState): Promise<number>;
	/** Keeps the event for good. Of several with the same region, event and cause the first counts. */
	noteCopy(event: CopyEvent): Promise<void>;
	/** All of a partition, strongly consistent, in no order. */
	copyEvents(partition: PartitionId): Promise<readonly CopyEvent[]>;
}
