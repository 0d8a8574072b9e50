import type { RegionId } from "#domain/geography/region-id.ts";
import type { Deployment } from "#infra/description/deployment.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { CallCount } from "#local/gateway/call-log.ts";
import type { VirtualNetwork } from "#local/network/virtual-network.ts";

export interface LocalCloudOptions {
	readonly regions: readonly RegionId[];
	/** @default the first of `regions` */
	readonly controlRegion?: RegionId;
	/** Port of the edge, the admin API and the console; 0 picks a free one. */
	readonly port: number;
	/** Where all state is kept; created if missing. */
	readonly dataDir: string;
	/** 1 is the wall clock; larger numbers and Infinity use virtual time. */
	readonly speed: number;
	/** Where virtual time starts on an empty data directory; later starts resume from what it holds. */
	readonly startMs: number;
	readonly seed: number;
	readonly rttMatrix?: Deployment["rttMatrix"];
	/** Who may reach which partitions. @default everybody on this machine: every listener is loopback */
	readonly access?: Deployment["access"];
	/** What placement may use up, and how many copies there may be. */
	readonly placement?: Deployment["placement"];
	/** Delay of metadata replication between regions. @default 500 */
	readonly metadataDelayMs?: number;
	/** One line of diagnostics. @default none */
	readonly log?: (line: string) => void;
}

export interface LocalCloud {
	/** `http://127.0.0.1:<port>`: the edge at /v1, the admin API at /admin/v1. */
	readonly url: string;
	readonly adminToken: string;
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly deployment: Deployment;
	/** Lets the clock go: from the start until this call, time stands still, so that a workload can be laid out first. Idempotent. */
	letTimePass(): void;
	/** Stops everything cleanly; idempotent. */
	stop(): Promise<void>;
}

/** A local cloud that also tells what its functions needed of AWS, and whether their roles allow it. */
export interface ObservableCloud extends LocalCloud {
	/** AWS calls since the start. */
	callLog(): readonly CallCount[];
}
