import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type Exchange, parseExchange } from "#domain/partition-state/exchange.ts";
import {
	bucketIndexOf,
	type LatencyHistogram,
	mergeHistograms,
	quantileMs,
	samplesAbove,
	samplesIn,
	upperBoundMs,
} from "#domain/partition-state/latency-histogram.ts";
import { createPartitionState } from "#domain/partition-state/state.ts";
import { compacted, mergeSlices, type PartitionWindow, withExchange } from "#domain/partition-state/window.ts";
import { dataApiPartition } from "#test/__helpers__/data-api-partition.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = ["eu-west-1", "us-east-1"].map(regionId);
const P = partitionId("acme");
const latencyMs = fc.double({ min: 0, max: 200_000, noNaN: true });
const histogramOf = (values: readonly number[]): LatencyHistogram =>
	values.reduce<LatencyHistogram>((sum, ms) => mergeHistograms(sum, { [bucketIndexOf(ms)]: 1 }), {});
const exchange: fc.Arbitrary<Exchange> = fc.record({
	requestId: fc.uuid(),
	partition: fc.constant(P),
	served: fc.constantFrom(...REGIONS),
	atMs: fc.integer({ min: 0, max: 300_000 }),
	tookMs: latencyMs,
	failed: fc.boolean(),
	isWrite: fc.boolean(),
	bytes: fc.nat(1000),
});
const windowOf = (exchanges: readonly Exchange[]): PartitionWindow | undefined =>
	exchanges.reduce<PartitionWindow | undefined>((window, one) => withExchange(window, one, one.served), undefined);

describe("latency histograms", () => {
	it("bound every quantile from above, by a bucket at most", () => {
		fc.assert(
			fc.property(fc.array(latencyMs, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, quantile) => {
				const sorted = values.toSorted((a, b) => a - b);
				const exact = sorted[Math.max(1, Math.ceil(sorted.length * quantile)) - 1] ?? 0;
				const found = quantileMs(histogramOf(values), quantile) ?? 0;
				if (exact <= upperBoundMs(67)) expect(found).toBeGreaterThanOrEqual(exact);
				expect(found).toBeLessThanOrEqual(Math.max(1, exact * 2 ** 0.25 * 1.000001));
			}),
		);
	});

	it("lose no sample when merged, in any order", () => {
		fc.assert(
			fc.property(fc.array(latencyMs), fc.array(latencyMs), (a, b) => {
				expect(mergeHistograms(histogramOf(a), histogramOf(b))).toEqual(histogramOf([...b, ...a]));
				expect(samplesIn(histogramOf([...a, ...b]))).toBe(a.length + b.length);
			}),
		);
	});

	it("count as too slow only what certainly was, and at most a hundredth above their own p99", () => {
		fc.assert(
			fc.property(fc.array(latencyMs, { minLength: 1 }), latencyMs, (values, limitMs) => {
				const histogram = histogramOf(values);
				expect(samplesAbove(histogram, limitMs)).toBeLessThanOrEqual(values.filter((ms) => ms > limitMs).length);
				expect(samplesAbove(histogram, quantileMs(histogram, 0.99) ?? 0)).toBeLessThanOrEqual(values.length / 100);
			}),
		);
	});
});

describe("partition state", () => {
	it("counts every exchange once, sliced or compacted", () => {
		fc.assert(
			fc.property(fc.array(exchange, { minLength: 1 }), (exchanges) => {
				const window = windowOf(exchanges) ?? { slices: {}, viewers: {} };
				const merged = mergeSlices(Object.values(window.slices));
				expect(mergeSlices(Object.values(compacted(window).slices))).toEqual(merged);
				for (const region of REGIONS) {
					const mine = exchanges.filter(({ served }) => served === region);
					expect(merged[region]?.requests ?? 0).toBe(mine.length);
					expect(merged[region]?.errors ?? 0).toBe(mine.filter(({ failed }) => failed).length);
				}
			}),
		);
	});

	it("says where the partition is, how it is used and how it answers", () => {
		const at = (served: (typeof REGIONS)[number], tookMs: number, failed = false): Exchange => ({
			requestId: "r",
			partition: P,
			served,
			atMs: 0,
			tookMs,
			failed,
			isWrite: failed,
			bytes: 100,
		});
		const [ireland, virginia] = REGIONS as [(typeof REGIONS)[number], (typeof REGIONS)[number]];
		const window = windowOf([at(ireland, 10), at(ireland, 10), at(ireland, 1000, true), at(virginia, 1)]) as PartitionWindow;
		const state = createPartitionState({
			record: { partition: P, leader: ireland, followers: [virginia] },
			evidence: { slices: Object.values(window.slices), viewers: window.viewers, divergences: { [virginia]: 2 } },
			size: { items: 5, bytes: 500, measuredAtMs: 1 },
			windowSeconds: 10,
			nowMs: 10_000,
		});
		expect(state).toMatchObject({
			location: { leader: ireland, followers: [virginia], size: { items: 5 } },
			load: {
				requestsPerSecond: 0.4,
				writesPerSecond: 0.1,
				bytesPerSecond: 40,
				byRegion: { [virginia]: 0.1 },
				viewers: { [ireland]: 0.75 },
			},
			health: {
				[ireland]: { requests: 3, errorShare: 1 / 3, divergences: 0 },
				[virginia]: { requests: 1, errorShare: 0, p99Ms: 1, divergences: 2 },
			},
		});
		expect(state.health[ireland]?.p50Ms).toBeGreaterThanOrEqual(10);
		expect(state.health[ireland]?.p50Ms).toBeLessThan(12);
	});
});

describe("parseExchange", () => {
	const good = {
		timestamp: "1704067200.000",
		"sc-status": "503",
		"sc-bytes": "10",
		"cs-bytes": "5",
		"cs-method": "PUT",
		"cs-uri-stem": "/v1/partitions/acme/items/a",
		"x-edge-request-id": "r",
		"time-taken": "0.250",
		"r-host": "abc123.lambda-url.eu-west-1.on.aws",
	};

	it("reads who answered, how long it took and whether it failed", () => {
		expect(parseExchange(good, dataApiPartition)).toEqual({
			requestId: "r",
			partition: P,
			served: "eu-west-1",
			atMs: 1_704_067_200_000,
			tookMs: 250,
			failed: true,
			isWrite: true,
			bytes: 15,
		});
	});

	it("makes nothing of whatever is no answer of a region, and never throws", () => {
		const without = { "r-host": "-", "sc-status": "0", "x-edge-request-id": "", "cs-uri-stem": "/other", "time-taken": "soon" };
		for (const [field, value] of Object.entries(without))
			expect(parseExchange({ ...good, [field]: value }, dataApiPartition)).toBeUndefined();
		fc.assert(
			fc.property(fc.dictionary(fc.constantFrom(...Object.keys(good)), fc.string()), (fields) => {
				parseExchange({ ...good, ...fields }, dataApiPartition);
			}),
		);
	});
});
