import type { LogOptions } from "#cli/replay/log-options.ts";
import { openLog } from "#cli/replay/open-log.ts";
import type { JobListener } from "#cli/thread/serve-job.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { AccessHistory } from "#predictor/features/history.ts";

/** A log as training and scoring need it. */
export interface LoadedHistory {
	readonly history: AccessHistory;
	/** Those used, and reason -> those not used. */
	readonly rows: number;
	readonly rowsSkipped: Readonly<Record<string, number>>;
}

/** Counts a log by partition, region, segment and hour. @throws LogError, UsageError */
export async function loadHistory(log: LogOptions, nowMs: number, listener: JobListener): Promise<LoadedHistory> {
	const { pass, finish } = openLog(log, nowMs);
	const builder = new CellBuilder(log.regions);
	let rows = 0;
	for await (const batch of pass.batches) {
		for (const { tsMs, partition, region, segment = "", count } of batch) builder.add(partition, region, segment, hourOf(tsMs), count);
		rows += batch.length;
		listener.onProgress(`reading, ${rows.toLocaleString("en-US")} rows`);
	}
	for (const text of finish(rows)) listener.onWarning(text);
	return { history: builder.build(), rows, rowsSkipped: pass.skipped.toJSON() };
}
