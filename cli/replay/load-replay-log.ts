import { parsePartitionFrom } from "#cli/parse-values.ts";
import { readRttFile } from "#cli/read-rtt-file.ts";
import type { LogOptions } from "#cli/replay/log-options.ts";
import { createLocator } from "#domain/geography/locate.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { loadTrace } from "#replay/engine/load-trace.ts";
import type { Trace } from "#replay/engine/trace.ts";
import { nameOfLog, readAccessLog } from "#replay/readers/access-log.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { LogWatch } from "#replay/readers/log-watch.ts";

/** A log as a replay needs it. */
export interface LoadedLog {
	readonly name: string;
	readonly trace: Trace;
	/** Square, in the order of the regions, viewer first; ms. */
	readonly rttMs: Float64Array;
}

interface Listener {
	readonly onProgress: (phase: string) => void;
	readonly onWarning: (text: string) => void;
}

/** Reads a log and checks what can be told of it before anything is replayed. @throws LogError, UsageError */
export async function loadReplayLog(options: LogOptions, nowMs: number, { onProgress, onWarning }: Listener): Promise<LoadedLog> {
	const { files, regions, fromMs, toMs, rttFile } = options;
	const rtt = createRttTable(regions, rttFile === undefined ? {} : readRttFile(rttFile));
	const rule = parsePartitionFrom(options.partitionFrom);
	const name = nameOfLog(files);
	const pass = readAccessLog({
		file: files,
		locate: createLocator(regions),
		...(fromMs === undefined ? {} : { fromMs }),
		...(toMs === undefined ? {} : { toMs }),
		...(rule === undefined ? {} : { partitionRule: rule }),
	});
	const watch = new LogWatch(name, nowMs);
	const trace = await loadTrace({ ...pass, batches: watch.over(pass.batches) }, regions, (rows) =>
		onProgress(`reading, ${rows.toLocaleString("en-US")} rows`),
	);
	if (trace.rows === 0) throw noRow(name, pass.skipped.total, pass.skipped.describe());
	watch.check();
	for (const file of pass.ignored) onWarning(`passed over ${file}`);
	for (const text of watch.warnings()) onWarning(text);
	return { name, trace, rttMs: Float64Array.from(regions.flatMap((from) => regions.map((to) => rtt(from, to)))) };
}

const noRow = (name: string, skipped: number, reasons: string): LogError =>
	new LogError("log.no-usable-row", name, skipped === 0 ? "holds no row" : `has no usable row: all ${skipped} were skipped (${reasons})`);
