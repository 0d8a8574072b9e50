import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Up to which sequence number everybody is done with a table's stream; undefined keeps everything. */
export type ConsumedUpTo = (fullTableName: string) => number | undefined;

/**
 * Looks after an engine's file, which holds stream records without any index: every write then searches the whole stream for its
 * highest sequence number. Safe beside a running engine, which waits for the lock. Idempotent.
 */
export function tendEngineFile(path: string, consumedUpTo: ConsumedUpTo): void {
	if (!existsSync(path)) return;
	const db = new DatabaseSync(path, { timeout: 5000 });
	try {
		if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = '_stream_records'").get() === undefined) return;
		db.exec(STREAM_INDEXES);
		for (const { table_name: table } of db.prepare("SELECT table_name FROM _tables").all() as { table_name: string }[]) {
			const upTo = consumedUpTo(table);
			if (upTo !== undefined) db.prepare(TRIM).run(table, upTo, table);
		}
	} finally {
		db.close();
	}
}

const STREAM_INDEXES = `
	CREATE INDEX IF NOT EXISTS heliotrope_stream_table ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
	CREATE INDEX IF NOT EXISTS heliotrope_stream_shard ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
`;

/** The newest record stays: the engine counts on from it. */
const TRIM = `
	DELETE FROM _stream_records WHERE table_name = ? AND CAST(sequence_number AS INTEGER) <= ?
	AND CAST(sequence_number AS INTEGER) < (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?)
`;
