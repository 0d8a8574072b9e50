import { type ChronosRequest, type ChronosSeries, MAX_SERIES, QUANTILES } from "#adapters/sagemaker/chronos/wire.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourIso } from "#domain/prediction/hours.ts";

/** The accesses of one partition by region, an hour each, the newest last. */
export interface PartitionHistory {
	readonly partition: PartitionId;
	/** The first hour of every series. */
	readonly fromHour: number;
	/** Only regions with any access. */
	readonly byRegion: ReadonlyMap<RegionId, readonly number[]>;
}

/**
 * Hourly series of the partitions asked for, from `fromHour` until before `untilHour`; a younger partition's begin with its first access.
 *
 * @param counts in any order; those of other partitions, hours and regions are left out
 */
export function historiesOf(
	counts: readonly HourCount[],
	partitions: readonly PartitionId[],
	regions: readonly RegionId[],
	fromHour: number,
	untilHour: number,
): readonly PartitionHistory[] {
	const wanted = new Map<string, HourCount[]>(partitions.map((partition) => [partition, []]));
	const deployed = new Set<string>(regions);
	for (const count of counts) {
		if (count.hour >= fromHour && count.hour < untilHour && deployed.has(count.region)) wanted.get(count.partition)?.push(count);
	}
	return partitions.map((partition) => historyOf(partition, wanted.get(partition) ?? [], untilHour));
}

function historyOf(partition: PartitionId, counts: readonly HourCount[], untilHour: number): PartitionHistory {
	const fromHour = counts.reduce((first, { hour }) => Math.min(first, hour), untilHour);
	const byRegion = new Map<RegionId, number[]>();
	for (const { region, hour, count } of counts) {
		const series = byRegion.get(region as RegionId) ?? Array<number>(untilHour - fromHour).fill(0);
		series[hour - fromHour] = (series[hour - fromHour] ?? 0) + count;
		byRegion.set(region as RegionId, series);
	}
	return { partition, fromHour, byRegion };
}

/** Partitions that are asked for in one call; a partition is never cut. */
export interface Chunk {
	readonly histories: readonly PartitionHistory[];
	readonly request: ChronosRequest;
}

export interface ChunkLimits {
	/** Series of one call, at most 1,000. A serverless endpoint needs about 60 s for 1,000. @default 500 */
	readonly maxSeries: number;
	/** Bytes of a request and, by estimate, of its answer. */
	readonly maxBytes: number;
}

/** The longest double as Python prints it, with comma and space. */
const BYTES_PER_NUMBER = 26;
/** Keys and punctuation of one series in an answer, beside its name and start. */
const SERIES_FRAME = 120;

/** Consecutive partitions within the limits of one call, at least one each. */
export function chunksOf(histories: readonly PartitionHistory[], predictionLength: number, limits: ChunkLimits): readonly Chunk[] {
	const maxSeries = Math.min(limits.maxSeries, MAX_SERIES);
	const answerBytes = SERIES_FRAME + predictionLength * (QUANTILES.length + 1) * BYTES_PER_NUMBER;
	const chunks: { histories: PartitionHistory[]; series: ChronosSeries[] }[] = [];
	let bytes = 0;
	for (const history of histories) {
		const series = seriesOf(history);
		const answered = series.reduce((sum, { item_id }) => sum + answerBytes + item_id.length, 0);
		const size = Math.max(Buffer.byteLength(JSON.stringify(series)), answered);
		const current = chunks.at(-1);
		if (current === undefined || current.series.length + series.length > maxSeries || bytes + size > limits.maxBytes) {
			chunks.push({ histories: [history], series: [...series] });
			bytes = size;
		} else {
			current.histories.push(history);
			current.series.push(...series);
			bytes += size;
		}
	}
	const parameters = { prediction_length: predictionLength, quantile_levels: [...QUANTILES], freq: "1h" } as const;
	return chunks.map(({ histories: part, series }) => ({ histories: part, request: { inputs: series, parameters } }));
}

const seriesOf = ({ partition, fromHour, byRegion }: PartitionHistory): readonly ChronosSeries[] =>
	[...byRegion].map(([region, target]) => ({ target, item_id: `${partition}|${region}`, start: hourIso(fromHour).slice(0, -1) }));
