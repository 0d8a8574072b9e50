import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { REGIONS } from "#test/e2e/main-job/fixture.ts";

/** Requests that a run has begun, by its ledger on disk. */
export function requestsBegun(dataDir: string): number {
	const rows = query(join(dataDir, "workload.sqlite"), "SELECT value FROM settings WHERE name = 'next'");
	return Number(rows[0]?.["value"] ?? 0);
}

/** The stage that a migration under way is in, by its record in the control region's engine file; undefined where none is. */
export function stageUnderWay(dataDir: string): string | undefined {
	const sql = `SELECT json_extract(item_json, '$.stage.S') AS stage FROM "heliotrope-local-migrations"
		WHERE json_extract(item_json, '$.state.S') = 'running' ORDER BY pk`;
	const stage = query(join(dataDir, "engines", `${REGIONS[0]}.sqlite`), sql)[0]?.["stage"];
	return typeof stage === "string" ? stage : undefined;
}

/** Takes an item away behind everybody's back, wherever it is; the number of copies that there were. */
export function deleteBehindTheBack(dataDir: string, partition: string, key: string): number {
	return REGIONS.map((region) => {
		const db = new DatabaseSync(join(dataDir, "engines", `${region}.sqlite`));
		try {
			const sql = `DELETE FROM "heliotrope-local-data"
				WHERE json_extract(item_json, '$.pk.S') LIKE ? AND json_extract(item_json, '$.sk.S') = ?`;
			return Number(db.prepare(sql).run(`${partition}#%`, `item#${key}`).changes);
		} finally {
			db.close();
		}
	}).reduce((sum, changes) => sum + changes, 0);
}

/** Keys of a partition whose last write was acknowledged, by the ledger. */
export function acknowledgedKeys(dataDir: string, partition: string): readonly string[] {
	const sql = "SELECT DISTINCT key FROM writes WHERE partition = ? AND acknowledged = 1 ORDER BY key";
	return query(join(dataDir, "workload.sqlite"), sql, partition).map((row) => String(row["key"]));
}

/** Nothing as long as the file or its tables have not been made. */
function query(file: string, sql: string, ...values: readonly string[]): readonly Record<string, unknown>[] {
	if (!existsSync(file)) return [];
	const db = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
	try {
		return db.prepare(sql).all(...values);
	} catch (error) {
		if (error instanceof Error && error.message.startsWith("no such table")) return [];
		throw error;
	} finally {
		db.close();
	}
}
