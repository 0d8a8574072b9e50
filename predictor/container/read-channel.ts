import { existsSync, readdirSync } from "node:fs";
import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { readAccessLog } from "#replay/readers/access-log.ts";

/** What a channel holds. */
export interface ChannelHistory {
	readonly history: AccessHistory;
	readonly rows: number;
	/** Rows that could not be used, by reason. */
	readonly skipped: Readonly<Record<string, number>>;
}

/**
 * Reads all access logs of a channel, aggregated counts among them: a log whose rows stand for many accesses.
 *
 * @throws OperatingError `channel.empty` when there is no file; LogError for one that cannot be used
 */
export async function readChannel(dir: string, regions: readonly RegionId[]): Promise<ChannelHistory> {
	if (!existsSync(dir) || readdirSync(dir).length === 0)
		throw new OperatingError(`the channel ${dir} holds no file; give access logs`, { code: "channel.empty", retryable: false });
	const pass = readAccessLog({ file: dir, locate: createLocator(regions) });
	const builder = new CellBuilder(regions);
	let rows = 0;
	for await (const batch of pass.batches) {
		for (const { tsMs, partition, region, segment = "", count } of batch) builder.add(partition, region, segment, hourOf(tsMs), count);
		rows += batch.length;
	}
	return { history: builder.build(), rows, skipped: pass.skipped.toJSON() };
}
