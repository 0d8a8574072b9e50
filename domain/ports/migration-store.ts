import type { MigrationRecord, MigrationState } from "#domain/migration/record.ts";

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
}
