/** One chaos run. Everything random in it follows from the seed; how it meets the machine's own time does not. */
export interface ChaosOptions {
	readonly seed: number;
	/** The first is the control region. */
	readonly regions: readonly string[];
	/** Ends, of whatever kind, that are waited for. */
	readonly migrations: number;
	readonly partitions: number;
	readonly clients: number;
	readonly hostKills: number;
	/** Faults that come at least, one kind after the other, before chance chooses. */
	readonly faults: readonly FaultKind[];
	/** Answers to clients between two faults: on a slow machine faults come as seldom as everything else. */
	readonly answersAFault: number;
	/**
	 * Wall ms without an end of a migration after which what is still open is left to the hourly recovery, when no more are to be started. What
	 * a killed host ran nobody runs until then. Half of it is what everything may take to end by itself afterwards.
	 */
	readonly stalledMs: number;
	/** Where the data directory and logs go; kept for a look when something is wrong. */
	readonly folder: string;
	/** One line of progress. */
	readonly say: (line: string) => void;
}

/** Faults of the admin API's chaos; `host`, a SIGKILL of the whole cloud, comes by progress instead of by time. */
export const FaultKind = {
	KillEngine: "kill",
	CutLink: "cut",
	DelayMetadata: "delay-metadata",
	CrashStage: "crash-stage",
	Throttle: "throttle",
	Slow: "slow",
} as const;
export type FaultKind = (typeof FaultKind)[keyof typeof FaultKind];

/** As many as a run may have, far from each other. */
export const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1", "sa-east-1"] as const;
/** The wall clock: virtual time would stand still under clients of another process, of which one is always busy. */
export const SPEED = 1;
/** Virtual seconds a wall second once clients have stopped: what is left may wait for the hourly recovery. */
export const SETTLING_SPEED = 2000;
/** Virtual seconds a wall second while sweeps are waited for: they come once a day. */
export const SWEEPING_SPEED = 30_000;
