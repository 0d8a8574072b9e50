import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { shardOf } from "#domain/prediction/shard.ts";

/** Queries under way at once. */
const CONCURRENT = 50;

/** Hourly counts of the shards of some partitions, in the closed range of hours: one query an hour and shard that has any. */
export const readHistory =
	(counts: AccessCounts) =>
	async (partitions: readonly PartitionId[], fromHour: number, throughHour: number): Promise<readonly HourCount[]> => {
		const wanted = new Set(partitions.map(shardOf));
		const reported = await counts.reportedShards(fromHour, throughHour);
		const reads = reported.flatMap(({ hour, shards }) =>
			shards.filter((shard) => wanted.has(shard)).map((shard) => [hour, shard] as const),
		);
		const found: HourCount[] = [];
		for (let at = 0; at < reads.length; at += CONCURRENT) {
			const part = await Promise.all(reads.slice(at, at + CONCURRENT).map(([hour, shard]) => counts.readHour(hour, shard)));
			for (const rows of part) found.push(...rows);
		}
		return found;
	};
