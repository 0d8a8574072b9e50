import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openExclusively } from "#local/state/data-directory.ts";

/** Named values of one kind. A value is whatever JSON can hold; a change is kept from the moment the method returns, whatever happens to the process. */
export interface KeySpace<T> {
	get(key: string): T | undefined;
	set(key: string, value: T): void;
	delete(key: string): void;
	/** A snapshot, ascending by the UTF-8 bytes of the key. */
	entries(): readonly (readonly [string, T])[];
}

/** One change of an atomic write; `value` undefined deletes. */
export interface StateChange {
	readonly space: string;
	readonly key: string;
	readonly value: unknown;
}

/** What the local cloud must know again after it was killed: a small store in `<dataDir>/local.sqlite`. */
export interface DurableState {
	/** The caller vouches for `T`: only it writes this space. */
	space<T>(name: string): KeySpace<T>;
	/** All changes, in order, or none. */
	write(changes: readonly StateChange[]): void;
	/** Idempotent. */
	close(): void;
}

/** @throws StartupError `data-in-use`, `data-unwritable` */
export function openDurableState(dataDir: string): DurableState {
	return new SqliteState(openExclusively(dataDir, "local.sqlite"));
}

class SqliteState implements DurableState {
	readonly #db: DatabaseSync;
	readonly #get: StatementSync;
	readonly #set: StatementSync;
	readonly #delete: StatementSync;
	readonly #entries: StatementSync;

	constructor(db: DatabaseSync) {
		this.#db = db;
		db.exec("CREATE TABLE IF NOT EXISTS kv (space TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID");
		this.#get = db.prepare("SELECT value FROM kv WHERE space = ? AND key = ?");
		this.#set = db.prepare("INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
		this.#delete = db.prepare("DELETE FROM kv WHERE space = ? AND key = ?");
		this.#entries = db.prepare("SELECT key, value FROM kv WHERE space = ? ORDER BY key");
	}

	space<T>(name: string): KeySpace<T> {
		return {
			get: (key) => {
				const row = this.#get.get(name, key) as { value: string } | undefined;
				return row === undefined ? undefined : (JSON.parse(row.value) as T);
			},
			set: (key, value) => void this.#set.run(name, key, JSON.stringify(value)),
			delete: (key) => void this.#delete.run(name, key),
			entries: () =>
				(this.#entries.all(name) as unknown as { key: string; value: string }[]).map((row) => [row.key, JSON.parse(row.value) as T]),
		};
	}

	write(changes: readonly StateChange[]): void {
		this.#db.exec("BEGIN");
		try {
			for (const { space, key, value } of changes) {
				if (value === undefined) this.#delete.run(space, key);
				else this.#set.run(space, key, JSON.stringify(value));
			}
			this.#db.exec("COMMIT");
		} catch (error) {
			this.#db.exec("ROLLBACK");
			throw error;
		}
	}

	close(): void {
		if (this.#db.isOpen) this.#db.close();
	}
}
