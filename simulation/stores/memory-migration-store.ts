import { type MigrationRecord, migrationRecordSchema } from "#domain/migration/record.ts";
import type { MigrationStore, MigrationWriteOutcome } from "#domain/ports/migration-store.ts";

/** Migration records in memory. */
export class MemoryMigrationStore implements MigrationStore {
	readonly records = new Map<string, MigrationRecord>();
	readonly #validate: boolean;

	/** @param validate whether each record is checked against the schema that the real store writes by, which takes most of the time of a run */
	constructor(validate = true) {
		this.#validate = validate;
	}

	async read(migrationId: string): Promise<MigrationRecord | undefined> {
		return this.records.get(migrationId);
	}

	async create(record: MigrationRecord): Promise<MigrationWriteOutcome> {
		return this.#write(record, undefined);
	}

	async update(next: MigrationRecord): Promise<MigrationWriteOutcome> {
		return this.#write(next, next.version - 1);
	}

	async list(page: { state?: MigrationRecord["state"]; limit: number }): Promise<{ migrations: readonly MigrationRecord[] }> {
		const all = [...this.records.values()].filter(({ state }) => page.state === undefined || state === page.state);
		return { migrations: all.slice(0, page.limit) };
	}

	async count(state: MigrationRecord["state"]): Promise<number> {
		return (await this.list({ state, limit: Number.POSITIVE_INFINITY })).migrations.length;
	}

	#write(record: MigrationRecord, expected: number | undefined): MigrationWriteOutcome {
		const current = this.records.get(record.migrationId);
		if (current?.version !== expected) return { kind: "conflict", current };
		const parsed = this.#validate ? migrationRecordSchema.parse(JSON.parse(JSON.stringify(record))) : record;
		this.records.set(record.migrationId, parsed);
		return { kind: "written", record: parsed };
	}
}
