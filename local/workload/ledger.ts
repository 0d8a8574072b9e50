import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { OperatingError } from "#domain/shared/errors.ts";

/** The data directory holds a run with other settings; retrying does not help. */
export class OtherRunError extends OperatingError {
	override name = "OtherRunError";
	constructor(dataDir: string, setting: string, had: string, wanted: string) {
		const problem = `${dataDir} holds a run with ${setting} ${had}, not ${wanted}`;
		super(`${problem}; give the same settings to resume it, or another --data`, { code: "workload.other-run", retryable: false });
	}
}

/** A write of the workload that may be what a key holds. */
export interface WriteEntry {
	readonly partition: string;
	readonly key: string;
	/** Index of the request. */
	readonly request: number;
	readonly digest: string;
	/** Acknowledged; else it was sent and its fate is unknown. */
	readonly acknowledged: boolean;
	/** The viewer's region. */
	readonly region: string;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, n REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS open_requests(request INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS first_writes(partition TEXT PRIMARY KEY, region TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS writes(partition TEXT, key TEXT, request INTEGER, digest TEXT NOT NULL, acknowledged INTEGER NOT NULL,
	region TEXT NOT NULL, PRIMARY KEY(partition, key, request)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS samples(kind TEXT NOT NULL, text TEXT NOT NULL);`;

/** What is recorded with the outcome of a request. */
export interface OutcomeRecord {
	readonly request: number;
	/** Added to the counters of these names. */
	readonly counts: ReadonlyMap<string, number>;
	/** What became of the write: acknowledged, refused for certain, or unknown; undefined for a read. */
	readonly write: { readonly partition: string; readonly key: string; readonly fate: "acknowledged" | "refused" | "unknown" } | undefined;
	/** Kept for the report, a few of a kind. */
	readonly sample: { readonly kind: string; readonly text: string } | undefined;
}

const MAX_SAMPLES = 10;
/** Whoever looks into the file while a run goes on, such as a backup, may hold it for a moment. Wall ms. */
const LOCK_LIMIT_MS = 5_000;

/**
 * What the workload has sent and what was acknowledged, in `<data>/workload.sqlite`. The intent is on disk before a request leaves and
 * the outcome after its answer, each in one transaction, so that after SIGKILL at any instant it says which writes must be there.
 * (A power failure may lose the last ones: the log is not synced at each commit.)
 */
export class Ledger {
	readonly #db: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	#next: number;

	constructor(dataDir: string) {
		this.#db = new DatabaseSync(join(dataDir, "workload.sqlite"), { timeout: LOCK_LIMIT_MS });
		this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
		this.#db.exec(SCHEMA);
		this.#next = Number(this.setting("next") ?? 0);
	}

	/** Binds the data directory to a run, or checks that it is this one. @throws OtherRunError */
	claim(dataDir: string, settings: Readonly<Record<string, string>>): void {
		for (const [name, value] of Object.entries(settings)) {
			const had = this.setting(`run.${name}`);
			if (had !== undefined && had !== value) throw new OtherRunError(dataDir, name, had, value);
			this.#setting(`run.${name}`, value);
		}
	}

	setting(name: string): string | undefined {
		return this.#run("SELECT value FROM settings WHERE name = ?").get(name)?.["value"] as string | undefined;
	}

	/** The value that a name got first, in this or an earlier part of the run. */
	remember(name: string, value: string): string {
		const had = this.setting(`run.${name}`);
		if (had === undefined) this.#setting(`run.${name}`, value);
		return had ?? value;
	}

	/** The first request that was never begun; 0 for a new run. */
	get next(): number {
		return this.#next;
	}

	/** Requests below `next` whose outcome is not recorded, in order. */
	openRequests(): number[] {
		return this.#run("SELECT request FROM open_requests ORDER BY request")
			.all()
			.map((row) => Number(row["request"]));
	}

	/** The request is due: from here on it is either open or done. */
	begin(request: number): void {
		if (request < this.#next) return;
		this.#atomically(() => {
			for (let index = this.#next; index <= request; index += 1) this.#run("INSERT INTO open_requests VALUES (?)").run(index);
			this.#setting("next", String(request + 1));
		});
		this.#next = request + 1;
	}

	/** A write is about to be sent. */
	intend(write: Omit<WriteEntry, "acknowledged">): void {
		const { partition, key, request, digest, region } = write;
		this.#run("INSERT OR IGNORE INTO writes VALUES (?, ?, ?, ?, 0, ?)").run(partition, key, request, digest, region);
	}

	/** An outcome is known: the request is done. */
	finish({ request, counts, write, sample }: OutcomeRecord): void {
		this.#atomically(() => {
			this.#run("DELETE FROM open_requests WHERE request = ?").run(request);
			for (const [name, n] of counts) this.#count(name, n);
			if (write !== undefined) this.#settleWrite(request, write);
			if (sample !== undefined) this.#sample(sample);
		});
	}

	/** What may be the content of a key: the last acknowledged write, if any, and those of unknown fate. */
	candidates(partition: string, key: string): WriteEntry[] {
		return this.#run("SELECT * FROM writes WHERE partition = ? AND key = ?").all(partition, key).map(toEntry);
	}

	/** Keys written so far, in order, after the given one; at most `limit`. */
	keysAfter(partition: string, key: string, limit: number): { partition: string; key: string }[] {
		const sql = "SELECT DISTINCT partition, key FROM writes WHERE (partition, key) > (?, ?) ORDER BY partition, key LIMIT ?";
		const rows = this.#run(sql).all(partition, key, limit);
		return rows.map((row) => ({ partition: String(row["partition"]), key: String(row["key"]) }));
	}

	/** Remembers where a partition was first written. */
	recordFirstWrite(partition: string, region: string): void {
		this.#run("INSERT OR IGNORE INTO first_writes VALUES (?, ?)").run(partition, region);
	}

	/** Where a partition was first written from; undefined if it never was. */
	firstRegionOf(partition: string): string | undefined {
		return this.#run("SELECT region FROM first_writes WHERE partition = ?").get(partition)?.["region"] as string | undefined;
	}

	/** Every partition that was written. */
	partitions(): string[] {
		return this.#run("SELECT partition FROM first_writes ORDER BY partition")
			.all()
			.map((row) => String(row["partition"]));
	}

	counters(): Map<string, number> {
		const rows = this.#run("SELECT name, n FROM counters").all();
		return new Map(rows.map((row) => [String(row["name"]), Number(row["n"])]));
	}

	samples(kind: string): string[] {
		return this.#run("SELECT text FROM samples WHERE kind = ?")
			.all(kind)
			.map((row) => String(row["text"]));
	}

	/** Adds to a counter outside of any request. */
	add(name: string, n: number): void {
		this.#count(name, n);
	}

	close(): void {
		this.#db.close();
	}

	#settleWrite(request: number, { partition, key, fate }: NonNullable<OutcomeRecord["write"]>): void {
		if (fate === "unknown") return;
		const superseded = fate === "refused" ? "request = ?" : "acknowledged = 1 AND request <> ?";
		this.#run(`DELETE FROM writes WHERE partition = ? AND key = ? AND ${superseded}`).run(partition, key, request);
		if (fate === "acknowledged") {
			this.#run("UPDATE writes SET acknowledged = 1 WHERE partition = ? AND key = ? AND request = ?").run(partition, key, request);
		}
	}

	#count(name: string, n: number): void {
		this.#run("INSERT INTO counters VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET n = n + excluded.n").run(name, n);
	}

	#sample({ kind, text }: { kind: string; text: string }): void {
		if (this.samples(kind).length < MAX_SAMPLES) this.#run("INSERT INTO samples VALUES (?, ?)").run(kind, text);
	}

	#setting(name: string, value: string): void {
		this.#run("INSERT INTO settings VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value").run(name, value);
	}

	#atomically(work: () => void): void {
		this.#run("BEGIN").run();
		try {
			work();
			this.#run("COMMIT").run();
		} catch (error) {
			this.#run("ROLLBACK").run();
			throw error;
		}
	}

	#run(sql: string): StatementSync {
		let statement = this.#statements.get(sql);
		if (statement === undefined) {
			statement = this.#db.prepare(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}
}

const toEntry = (row: Record<string, unknown>): WriteEntry => ({
	partition: String(row["partition"]),
	key: String(row["key"]),
	request: Number(row["request"]),
	digest: String(row["digest"]),
	acknowledged: row["acknowledged"] === 1,
	region: String(row["region"]),
});
