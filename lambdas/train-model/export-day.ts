import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { ObjectStore } from "#domain/ports/object-store.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { dayTaskSchema, type ExportedDay } from "#lambdas/train-model/payloads.ts";
import { dayKey, encodeCounts, HOURS_PER_DAY } from "#lambdas/train-model/training-set.ts";

export interface ExportDayDeps {
	readonly counts: Pick<AccessCounts, "reportedShards" | "readHour">;
	readonly objects: Pick<ObjectStore, "put">;
}

/** Puts everything that was reported on one day into the training set, as one object; a repetition replaces it by the same. */
export async function exportDay({ counts, objects }: ExportDayDeps, input: unknown): Promise<ExportedDay> {
	const { day } = dayTaskSchema.parse(input);
	const reported = await counts.reportedShards(day * HOURS_PER_DAY, (day + 1) * HOURS_PER_DAY - 1);
	const rows: HourCount[] = [];
	for (const { hour, shards } of reported) {
		const parts = await Promise.all(shards.map((shard) => counts.readHour(hour, shard)));
		for (const part of parts) rows.push(...part);
	}
	await objects.put(dayKey(day), encodeCounts(rows), "application/gzip");
	return { day, rows: rows.length, accesses: rows.reduce((sum, { count }) => sum + count, 0) };
}
