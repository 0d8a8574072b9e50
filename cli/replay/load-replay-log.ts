import { readRttFile } from "#cli/read-rtt-file.ts";
import type { LogOptions } from "#cli/replay/log-options.ts";
import { openLog } from "#cli/replay/open-log.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { loadTrace } from "#replay/engine/load-trace.ts";
import type { Trace } from "#replay/engine/trace.ts";

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
	const { regions, rttFile } = options;
	const rtt = createRttTable(regions, rttFile === undefined ? {} : readRttFile(rttFile));
	const { name, pass, finish } = openLog(options, nowMs);
	const trace = await loadTrace(pass, regions, (rows) => onProgress(`reading, ${rows.toLocaleString("en-US")} rows`));
	for (const text of finish(trace.rows)) onWarning(text);
	return { name, trace, rttMs: Float64Array.from(regions.flatMap((from) => regions.map((to) => rtt(from, to)))) };
}
