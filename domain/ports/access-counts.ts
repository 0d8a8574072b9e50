import type { TelemetryWindow } from "#domain/ports/partition-states.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { WindowTotal } from "#domain/prediction/window-counts.ts";

/** Accesses per hour, partition, region and segment: written by the counting function, read by the forecast. */
export interface AccessCounts {
	/**
	 * Adds the totals of one window once, however often it is called with the same `windowId` and totals.
	 *
	 * @param nowMs decides with which hour stragglers are reported
	 * @param states partition states of the same window, written together with the totals where they fit into one transaction
	 * @throws UnavailableError when the outcome is unknown; calling again is safe
	 */
	addOnce(windowId: string, totals: readonly WindowTotal[], nowMs: number, states?: TelemetryWindow): Promise<void>;
	/** The shards in which anything was reported, for every hour of the closed range that has any, oldest first. */
	reportedShards(fromHour: number, throughHour: number): Promise<readonly { readonly hour: number; readonly shards: readonly number[] }[]>;
	/** Everything reported with one hour in one shard. */
	readHour(reportHour: number, shard: number): Promise<readonly HourCount[]>;
}
