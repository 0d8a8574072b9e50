import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { quantileMs } from "#domain/partition-state/latency-histogram.ts";
import { mergeServed, mergeSlices, NOTHING_SERVED, type Served, type Slice } from "#domain/partition-state/window.ts";

/** How large a copy was when somebody last looked. */
export interface PartitionSize {
	readonly items: number;
	/** Of the bodies. */
	readonly bytes: number;
	readonly measuredAtMs: number;
}

/** What telemetry knows of a stretch of time. */
export interface Evidence {
	readonly slices: readonly Slice[];
	/** Viewers' region -> accesses. */
	readonly viewers: Readonly<Record<string, number>>;
	/** Region -> canary reads whose own copy was ahead of its leader's answer: never right. */
	readonly divergences: Readonly<Record<string, number>>;
}

/** How one region has answered. Shares are 0..1; latencies in ms, absent without an answer. */
export interface Health {
	readonly requests: number;
	readonly errorShare: number;
	readonly p50Ms?: number;
	readonly p95Ms?: number;
	readonly p99Ms?: number;
	readonly divergences: number;
}

/** PartitionState: where a partition is, how much it is used and how well it answers, over the last `windowSeconds`. */
export interface PartitionState {
	readonly partition: PartitionId;
	readonly asOfMs: number;
	readonly windowSeconds: number;
	readonly location: {
		readonly leader: RegionId;
		readonly followers: readonly RegionId[];
		/** Absent until a copy has been measured. */
		readonly size?: PartitionSize;
	};
	readonly load: {
		readonly requestsPerSecond: number;
		readonly writesPerSecond: number;
		readonly bytesPerSecond: number;
		/** Region that answered -> requests a second. */
		readonly byRegion: Readonly<Record<string, number>>;
		/** Viewers' region -> share of accesses; they sum to 1 where there are any. */
		readonly viewers: Readonly<Record<string, number>>;
	};
	/** By region that answered. Leader and canary are told apart by the region. */
	readonly health: Readonly<Record<string, Health>>;
}

export interface StateInput {
	readonly record: Pick<PartitionRecord, "partition" | "leader" | "followers">;
	readonly evidence: Evidence;
	readonly size: PartitionSize | undefined;
	readonly windowSeconds: number;
	readonly nowMs: number;
}

/** The state of a partition from what telemetry knows of the last `windowSeconds`. */
export function createPartitionState({ record, evidence, size, windowSeconds, nowMs }: StateInput): PartitionState {
	const served = mergeSlices(evidence.slices);
	const all = Object.values(served).reduce(mergeServed, NOTHING_SERVED);
	const regions = [...new Set([...Object.keys(served), ...Object.keys(evidence.divergences)])].sort();
	const perSecond = (count: number): number => count / windowSeconds;
	return {
		partition: record.partition,
		asOfMs: nowMs,
		windowSeconds,
		location: { leader: record.leader, followers: record.followers, ...(size === undefined ? {} : { size }) },
		load: {
			requestsPerSecond: perSecond(all.requests),
			writesPerSecond: perSecond(all.writes),
			bytesPerSecond: perSecond(all.bytes),
			byRegion: Object.fromEntries(Object.entries(served).map(([region, { requests }]) => [region, perSecond(requests)])),
			viewers: sharesOf(evidence.viewers),
		},
		health: Object.fromEntries(
			regions.map((region) => [region, healthOf(served[region] ?? NOTHING_SERVED, evidence.divergences[region] ?? 0)]),
		),
	};
}

function healthOf({ requests, errors, latency }: Served, divergences: number): Health {
	const quantiles = { p50Ms: quantileMs(latency, 0.5), p95Ms: quantileMs(latency, 0.95), p99Ms: quantileMs(latency, 0.99) };
	const known = Object.entries(quantiles).filter(([, value]) => value !== undefined);
	return { requests, errorShare: requests === 0 ? 0 : errors / requests, divergences, ...Object.fromEntries(known) };
}

function sharesOf(counts: Readonly<Record<string, number>>): Record<string, number> {
	const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
	return Object.fromEntries(Object.entries(counts).map(([region, count]) => [region, count / total]));
}
