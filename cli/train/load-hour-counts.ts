import type { LogOptions } from "#cli/replay/log-options.ts";
import { openLog } from "#cli/replay/open-log.ts";
import type { ProgressLine } from "#cli/replay/progress-line.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourOf } from "#domain/prediction/hours.ts";

/** Counts a log by partition, region, segment and hour, ascending by hour. @throws LogError, UsageError */
export async function loadHourCounts(log: LogOptions, progress: ProgressLine): Promise<readonly HourCount[]> {
	const { pass, finish } = openLog(log, Date.now());
	const counts = new Map<string, { -readonly [K in keyof HourCount]: HourCount[K] }>();
	let rows = 0;
	for await (const batch of pass.batches) {
		for (const { tsMs, partition, region, segment = "", count } of batch) {
			const hour = hourOf(tsMs);
			const key = `${hour} ${partition} ${region} ${segment}`;
			const known = counts.get(key);
			if (known === undefined) counts.set(key, { partition, region, segment, hour, reportHour: hour, count });
			else known.count += count;
		}
		rows += batch.length;
		progress.show(`reading, ${rows.toLocaleString("en-US")} rows`, undefined);
	}
	for (const text of finish(rows)) progress.say(`warning: ${text}`);
	return [...counts.values()].sort((a, b) => a.hour - b.hour);
}
