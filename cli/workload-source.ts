import { accessLogOf, type NamedLog } from "#cli/access-log-of.ts";
import type { StartOptions } from "#cli/start-options.ts";
import type { FoundInLog } from "#cli/survey/survey-in-thread.ts";
import { createLocator } from "#domain/geography/locate.ts";
import { readAccessLog } from "#replay/readers/access-log.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { DEMO_START_MS, demoWorld } from "#replay/world/demo-world.ts";

/** What is played, from its beginning each time. */
export interface WorkloadSource {
	/** In words, for the display and the report. */
	readonly name: string;
	/** When the first row is due; the cloud's clock starts with this hour. */
	readonly startMs: number;
	/** Undefined where there is no end. */
	readonly totalRows: number | undefined;
	readonly rowsSkipped: Readonly<Record<string, number>>;
	/** Files of a folder that are no logs, and why. */
	readonly ignored: readonly string[];
	rows(startMs: number): AsyncIterable<readonly AccessRow[]>;
}

const HOUR_MS = 3_600_000;
const floorToHour = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** The workload could not be opened before the run was stopped. */
export const STOPPED = "stopped";

/** Reads a log once to its end; undefined where it is stopped before. @throws ExplainedFailure, LogError */
export type Survey = (log: NamedLog) => Promise<FoundInLog | undefined>;

/** Opens the workload; a log is surveyed, so that what is wrong with it is known before anything starts. @throws what the survey throws */
export async function openSource(
	options: StartOptions,
	nowMs: number,
	survey: Survey,
): Promise<WorkloadSource | typeof STOPPED | undefined> {
	if (options.workload === "idle") return undefined;
	return options.trace === undefined ? demoSource(options, nowMs) : traceSource(options, options.trace, survey);
}

async function traceSource(
	{ regions, fromMs, toMs, partitionFrom }: StartOptions,
	file: string,
	survey: Survey,
): Promise<WorkloadSource | typeof STOPPED> {
	const log: NamedLog = { file, regions, fromMs, toMs, partitionFrom };
	const found = await survey(log);
	if (found === undefined) return STOPPED;
	return {
		name: file,
		startMs: floorToHour(found.firstMs),
		totalRows: found.rows,
		rowsSkipped: found.rowsSkipped,
		ignored: found.ignored,
		rows: () => readAccessLog(accessLogOf(log)).batches,
	};
}

function demoSource(options: StartOptions, nowMs: number): WorkloadSource {
	const { seed, toMs } = options;
	const startMs = floorToHour(options.fromMs ?? (options.speed === 1 ? nowMs : DEMO_START_MS));
	const world = { seed, locate: createLocator(options.regions), ...(toMs === undefined ? {} : { endMs: toMs }) };
	return {
		name: "the demo world",
		startMs,
		totalRows: undefined,
		rowsSkipped: {},
		ignored: [],
		rows: (fromMs) => demoWorld({ ...world, startMs: fromMs }),
	};
}
