import { existsSync, readdirSync } from "node:fs";
import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { readAccessLog } from "#replay/readers/access-log.ts";

/** What a channel holds. */
export interface ChannelCounts {
	/** Ascending by hour. */
	readonly counts: readonly HourCount[];
	readonly rows: number;
	/** Rows that could not be used, by reason. */
	readonly skipped: Readonly<Record<string, number>>;
}

/**
 * Reads all access logs of a channel, aggregated counts among them: a log whose rows stand for many accesses.
 *
 * @throws OperatingError `channel.empty` when there is no file; LogError for one that cannot be used
 */
export async function readChannel(dir: string, regions: readonly RegionId[]): Promise<ChannelCounts> {
	if (!existsSync(dir) || readdirSync(dir).length === 0)
		throw new OperatingError(`the channel ${dir} holds no file; give access logs`, { code: "channel.empty", retryable: false });
	const pass = readAccessLog({ file: dir, locate: createLocator(regions) });
	const cells = new Map<string, HourCount>();
	let rows = 0;
	for await (const batch of pass.batches) {
		for (const { tsMs, partition, region, segment = "", count } of batch) {
			const hour = hourOf(tsMs);
			const key = `${hour}|${partition}|${region}|${segment}`;
			cells.set(key, { partition, region, segment, hour, reportHour: hour, count: count + (cells.get(key)?.count ?? 0) });
		}
		rows += batch.length;
	}
	const skipped = pass.skipped.toJSON();
	return { counts: [...cells.values()].sort((a, b) => a.hour - b.hour), rows, skipped };
}
