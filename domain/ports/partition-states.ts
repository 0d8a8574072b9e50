import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Evidence, PartitionSize } from "#domain/partition-state/state.ts";
import type { PartitionWindow } from "#domain/partition-state/window.ts";

/** What one telemetry window has seen so far. */
export interface TelemetryWindow {
	/** Names the window's part of the stream. */
	readonly id: string;
	readonly startMs: number;
	readonly partitions: ReadonlyMap<PartitionId, PartitionWindow>;
}

/** The state table of the control region. Every method: @throws UnavailableError; retrying is safe. */
export interface PartitionStates {
	/** Replaces what the same window has written before: a window only ever grows, so that repeating counts nothing twice. */
	write(window: TelemetryWindow): Promise<void>;
	/** What is known of the slices that begin in the closed interval. */
	read(partition: PartitionId, sinceMs: number, untilMs: number): Promise<Evidence>;
	readSize(partition: PartitionId): Promise<PartitionSize | undefined>;
	writeSize(partition: PartitionId, size: PartitionSize): Promise<void>;
	/** Counts one canary read in `region` whose own copy was ahead of its leader's answer. A retry may count it twice: one is enough. */
	addDivergence(partition: PartitionId, region: RegionId, atMs: number): Promise<void>;
}
