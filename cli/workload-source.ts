import type { StartOptions } from "#cli/start-options.ts";
import { createLocator } from "#domain/geography/locate.ts";
import { readAccessLog } from "#replay/readers/access-log.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { surveyLog } from "#replay/readers/survey.ts";
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

/** Opens the workload; a log is read once to its end, so that what is wrong with it is known before anything starts. @throws LogError */
export async function openSource(
	options: StartOptions,
	nowMs: number,
	onProgress: (rows: number) => void,
): Promise<WorkloadSource | undefined> {
	if (options.workload === "idle") return undefined;
	return options.trace === undefined ? demoSource(options, nowMs) : traceSource(options, options.trace, onProgress);
}

async function traceSource(options: StartOptions, file: string, onProgress: (rows: number) => void): Promise<WorkloadSource> {
	const { fromMs, toMs, partitionRule } = options;
	const range = {
		...(partitionRule === undefined ? {} : { partitionRule }),
		...(fromMs === undefined ? {} : { fromMs }),
		...(toMs === undefined ? {} : { toMs }),
	};
	const log = { file, locate: createLocator(options.regions), ...range };
	const survey = await surveyLog(log, onProgress);
	return {
		name: file,
		startMs: floorToHour(survey.firstMs),
		totalRows: survey.rows,
		rowsSkipped: survey.skipped.toJSON(),
		ignored: survey.ignored,
		rows: () => readAccessLog(log).batches,
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
