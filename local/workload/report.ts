import { rename, writeFile } from "node:fs/promises";
import * as z from "zod";
import type { AdminClient, Summary } from "#local/workload/admin-client.ts";
import { digestOfLines } from "#local/workload/digests.ts";
import { Counter } from "#local/workload/judge.ts";
import type { Ledger } from "#local/workload/ledger.ts";
import { type Measures, measuresOf } from "#local/workload/measures.ts";
import type { ReadBack } from "#local/workload/read-back.ts";

const count = z.int().min(0);
const share = z.number().min(0).max(1);

/** The shape of `start --report`: a contract; fields may be added. */
export const reportSchema = z.strictObject({
	/** Usable rows that were played, each as `count` requests. */
	rows: count,
	/** Rows of the log that were not played, by reason. */
	rowsSkipped: z.record(z.string(), count),
	requests: count,
	/** Requests with an unexpected answer, or none after all retries. */
	errors: count,
	migrations: z.strictObject({
		started: count,
		completed: count,
		cancelled: count,
		rolledBack: count,
		failed: count,
		running: count,
		/** Equal for two runs that made the same migrations with the same outcomes. */
		digest: z.string(),
	}),
	/** Share of answers that the leader's region gave without a forward from another region. */
	servedByLeaderRegion: share,
	/** Share of answers that came from the region nearest to the viewer. */
	servedNear: share,
	/** Answers by the region that gave them. */
	servedByRegion: z.record(z.string(), count),
	/** What distance cost a request, all its tries and forwards included, in ms; null before the first answer. */
	meanRttMs: z.number().nullable(),
	p50RttMs: z.number().nullable(),
	p95RttMs: z.number().nullable(),
	/** What the same requests would have cost had each partition stayed where it was first written; creating it costs the same. */
	staticMeanRttMs: z.number().nullable(),
	/** From sending to the answer in the cloud's time, waiting and retries included. */
	meanElapsedMs: z.number().nullable(),
	/** Decision records. */
	decisions: count,
	/** Equal for two runs that took the same decisions about the partitions that were written. */
	decisionsDigest: z.string(),
	/** Keys that do not hold their last acknowledged write. */
	lostWrites: count,
	/** Reads during the run that answered something else than was last acknowledged. */
	wrongReads: count,
	retries: count,
	/** Accesses of rows with a very large count that were not played. */
	countTruncated: count,
	readBack: z.strictObject({ keys: count, unreadable: count, unacknowledged: count }),
	/** Whether all migrations had ended when the report was made. */
	settled: z.boolean(),
	/** Over all parts of the run, if it was resumed. */
	wallSeconds: z.number().min(0),
	settings: z.record(z.string(), z.unknown()),
	/** One line for each of the first errors, wrong reads and losses. */
	samples: z.array(z.string()),
});
export type Report = z.infer<typeof reportSchema>;

/** What a report is made of. */
export interface ReportInput {
	readonly ledger: Ledger;
	readonly admin: Pick<AdminClient, "summary" | "migrations" | "decisions">;
	readonly rowsSkipped: Readonly<Record<string, number>>;
	readonly found: ReadBack;
	readonly settled: boolean;
	readonly settings: Readonly<Record<string, unknown>>;
}

/** Puts the report of a run together, over all its parts. */
export async function makeReport({ ledger, admin, rowsSkipped, found, settled, settings }: ReportInput): Promise<Report> {
	const counters = ledger.counters();
	const at = (name: string): number => counters.get(name) ?? 0;
	const summary = await admin.summary();
	return {
		rows: at(Counter.Rows),
		rowsSkipped: { ...rowsSkipped },
		requests: at(Counter.Requests),
		errors: at(Counter.Errors),
		migrations: { ...countMigrations(summary), digest: await migrationsDigest(admin) },
		...roundMeasures(measuresOf(counters)),
		decisions: summary.decisions,
		decisionsDigest: await decisionsDigest(admin, ledger.partitions()),
		lostWrites: found.lost,
		wrongReads: at(Counter.WrongReads),
		retries: at(Counter.Retries),
		countTruncated: at(Counter.Truncated),
		readBack: { keys: found.keys, unreadable: found.unreadable, unacknowledged: found.unacknowledged },
		settled,
		wallSeconds: Math.round(at(Counter.WallMs)) / 1000,
		settings: { ...settings },
		samples: [...ledger.samples("error"), ...ledger.samples("wrong-read"), ...found.samples],
	};
}

/** Writes the report so that a reader sees all of it or nothing. */
export async function writeReport(file: string, report: Report): Promise<void> {
	const temporary = `${file}.${process.pid}.tmp`;
	await writeFile(temporary, `${JSON.stringify(reportSchema.parse(report), null, "\t")}\n`);
	await rename(temporary, file);
}

function countMigrations({ migrations }: Summary): Omit<Report["migrations"], "digest"> {
	const { running, completed, cancelled, rolledBack, failed } = migrations;
	return { started: running + completed + cancelled + rolledBack + failed, completed, cancelled, rolledBack, failed, running };
}

const STATES = ["running", "completed", "cancelled", "rolledBack", "failed"];

async function migrationsDigest(admin: Pick<AdminClient, "migrations">): Promise<string> {
	const lines: string[] = [];
	for (const state of STATES) {
		for await (const migration of admin.migrations(state)) lines.push(`${migration.migrationId} ${migration.state}`);
	}
	return digestOfLines(lines);
}

async function decisionsDigest(admin: Pick<AdminClient, "decisions">, partitions: readonly string[]): Promise<string> {
	const lines: string[] = [];
	for (const partition of partitions) {
		for await (const { decisionId, verdict, reason, source, target } of admin.decisions(partition)) {
			lines.push([decisionId, verdict, reason, source, target].join(" "));
		}
	}
	return digestOfLines(lines);
}

function roundMeasures(measures: Measures): Measures {
	const round = <T>(value: T): T => (typeof value === "number" ? ((Math.round(value * 1e4) / 1e4) as T) : value);
	return Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, round(value)])) as unknown as Measures;
}
