import * as z from "zod";
import type { Exchange } from "#domain/partition-state/exchange.ts";
import { bucketIndexOf, latencyHistogramSchema, mergeHistograms } from "#domain/partition-state/latency-histogram.ts";

const count = z.int().min(0);

/** What one region's data plane answered for a partition. */
export const servedSchema = z.strictObject({
	requests: count,
	/** 5xx. */
	errors: count,
	writes: count,
	/** Both ways. */
	bytes: count,
	latency: latencyHistogramSchema,
});
export type Served = z.infer<typeof servedSchema>;

export const NOTHING_SERVED: Served = { requests: 0, errors: 0, writes: 0, bytes: 0, latency: {} };

/** Region -> what it answered, in one slice of time. */
const sliceSchema = z.record(z.string(), servedSchema);
export type Slice = Readonly<z.infer<typeof sliceSchema>>;

/** What one telemetry window saw of one partition. */
export const partitionWindowSchema = z.strictObject({
	/** Start of the slice in ms since the Unix epoch -> slice. One slice for the whole window, unless leadership or clients were shifting. */
	slices: z.record(z.string(), sliceSchema),
	/** Viewers' region -> accesses. */
	viewers: z.record(z.string(), count),
});
export type PartitionWindow = Readonly<z.infer<typeof partitionWindowSchema>>;

/** The resolution, in ms, at which a canary step can be told from the one before. */
export const SLICE_MS = 10_000;

export const mergeServed = (a: Served, b: Served): Served => ({
	requests: a.requests + b.requests,
	errors: a.errors + b.errors,
	writes: a.writes + b.writes,
	bytes: a.bytes + b.bytes,
	latency: mergeHistograms(a.latency, b.latency),
});

/** All slices as one. */
export function mergeSlices(slices: Iterable<Slice>): Slice {
	const merged: Record<string, Served> = {};
	for (const slice of slices) {
		for (const [region, served] of Object.entries(slice)) merged[region] = mergeServed(merged[region] ?? NOTHING_SERVED, served);
	}
	return merged;
}

/** The window with one more exchange. @param viewer where the viewer is, where that is known */
export function withExchange(window: PartitionWindow | undefined, exchange: Exchange, viewer: string | undefined): PartitionWindow {
	const { slices, viewers } = window ?? { slices: {}, viewers: {} };
	const start = String(Math.floor(exchange.atMs / SLICE_MS) * SLICE_MS);
	const slice = slices[start] ?? {};
	const served = mergeServed(slice[exchange.served] ?? NOTHING_SERVED, {
		requests: 1,
		errors: exchange.failed ? 1 : 0,
		writes: exchange.isWrite ? 1 : 0,
		bytes: exchange.bytes,
		latency: { [bucketIndexOf(exchange.tookMs)]: 1 },
	});
	return {
		slices: { ...slices, [start]: { ...slice, [exchange.served]: served } },
		viewers: viewer === undefined ? viewers : { ...viewers, [viewer]: (viewers[viewer] ?? 0) + 1 },
	};
}

/** The regions that answered, by code. */
export const regionsServing = ({ slices }: PartitionWindow): readonly string[] =>
	[...new Set(Object.values(slices).flatMap((slice) => Object.keys(slice)))].sort();

/** The window with its slices merged into the first: enough wherever nobody asks what happened when. */
export function compacted({ slices, viewers }: PartitionWindow): PartitionWindow {
	const [first] = Object.keys(slices).sort((a, b) => Number(a) - Number(b));
	return first === undefined ? { slices, viewers } : { slices: { [first]: mergeSlices(Object.values(slices)) }, viewers };
}
