import { type MigrationRecord, migrationRecordSchema } from "#domain/migration/record.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { CopyEvent, MigrationStore, MigrationWriteOutcome } from "#domain/ports/migration-store.ts";

/** Migration records in memory. */
export class MemoryMigrationStore implements MigrationStore {
	readonly records = new Map<string, MigrationRecord>();
	readonly copies = new Map<string, CopyEvent>();
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

	async noteCopy(event: CopyEvent): Promise<void> {
		const name = `${event.partition} ${event.cause} ${event.region} ${event.event}`;
		if (!this.copies.has(name)) this.copies.set(name, event);
	}

	async copyEvents(partition: PartitionId): Promise<readonly CopyEvent[]> {
		return [...this.copies.values()].filter((event) => event.partition === partition);
	}

	#write(record: MigrationRecord, expected: number | undefined): MigrationWriteOutcome {
		const current = this.records.get(record.migrationId);
		if (current?.version !== expected) return { kind: "conflict", current };
		const parsed = this.#validate ? migrationRecordSchema.parse(JSON.parse(JSON.stringify(record))) : record;
		this.records.set(record.migrationId, parsed);
		return { kind: "written", record: parsed };
	}
}
