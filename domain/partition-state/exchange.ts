import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { type LogFields, type PartitionOf, present } from "#domain/prediction/access-record.ts";

/** One request as the partition's state counts it: who answered, how fast, and whether it failed. */
export interface Exchange {
	readonly requestId: string;
	readonly partition: PartitionId;
	/** The region whose data plane the edge asked: the leader, or the target for a canary's clients. It may have forwarded. */
	readonly served: RegionId;
	readonly atMs: number;
	/** From the viewer's first byte to the answer's last, at the edge. */
	readonly tookMs: number;
	/** 5xx. What the viewer did wrong is no failure of the region. */
	readonly failed: boolean;
	readonly isWrite: boolean;
	/** Both ways. */
	readonly bytes: number;
}

/** A function URL's host names its region: `<id>.lambda-url.<region>.on.aws`. */
const FUNCTION_URL = /\.lambda-url\.([a-z0-9-]+)\./;

/**
 * Reads one real-time log record. Undefined for whatever says nothing about a region: no partition named, no origin asked (`r-host` is
 * empty where the edge answered by itself), a viewer that left, a broken line.
 */
export function parseExchange(fields: LogFields, partitionOf: PartitionOf): Exchange | undefined {
	const requestId = present(fields["x-edge-request-id"]);
	const served = FUNCTION_URL.exec(present(fields["r-host"]) ?? "")?.[1];
	const status = Number(present(fields["sc-status"]) ?? Number.NaN);
	const atMs = Number(present(fields["timestamp"]) ?? Number.NaN) * 1000;
	const tookMs = Number(present(fields["time-taken"]) ?? Number.NaN) * 1000;
	if (requestId === undefined || served === undefined || !isRegionId(served)) return undefined;
	// 0 is a viewer that left before an answer
	if (!(status >= 100 && status < 600) || !(atMs > 0) || !(tookMs >= 0)) return undefined;
	const partition = partitionOf(fields);
	if (partition === undefined) return undefined;
	const method = present(fields["cs-method"]) ?? "";
	const bytes = countOf(fields["sc-bytes"]) + countOf(fields["cs-bytes"]);
	return { requestId, partition, served, atMs, tookMs, failed: status >= 500, isWrite: WRITES.has(method), bytes };
}

/** A batch may hold reads as well; it is counted as what it may do. */
const WRITES = new Set(["PUT", "DELETE", "POST"]);

function countOf(text: string | undefined): number {
	const count = Number(present(text) ?? 0);
	return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
