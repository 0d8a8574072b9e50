import type { RegionId } from "#domain/geography/region-id.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { Trace } from "#replay/engine/trace.ts";
import type { AccessLogPass } from "#replay/readers/access-log.ts";
import { AccessOp } from "#replay/readers/access-row.ts";

/**
 * Counts a log by partition, region, segment and hour. The log streams; what is kept is a cell for each combination that occurs.
 *
 * @throws LogError when the log as a whole cannot be used
 */
export async function loadTrace(
	pass: AccessLogPass,
	regions: readonly RegionId[],
	onProgress: (rows: number) => void = () => undefined,
): Promise<Trace> {
	const builder = new CellBuilder(regions);
	let rows = 0;
	const totals = { bytes: 0, sized: 0, reads: 0, writes: 0 };
	for await (const batch of pass.batches) {
		for (const row of batch) {
			builder.add(row.partition, row.region, row.segment ?? "", hourOf(row.tsMs), row.count);
			if (row.op === AccessOp.Read) totals.reads += row.count;
			if (row.op === AccessOp.Write) totals.writes += row.count;
			if (row.bytes !== undefined) {
				totals.bytes += row.bytes * row.count;
				totals.sized += row.count;
			}
		}
		rows += batch.length;
		onProgress(rows);
	}
	return {
		...builder.build(),
		bytes: { sum: totals.bytes, accesses: totals.sized },
		reads: totals.reads,
		writes: totals.writes,
		rows,
		rowsSkipped: pass.skipped.toJSON(),
	};
}
