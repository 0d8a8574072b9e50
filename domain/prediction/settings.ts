/** The shards into which partitions are hashed for counting and forecasting. Changing it needs empty telemetry and predictions tables. */
export const SHARDS = 4;

/**
 * Half-lives of decayed counts in hours, in the order in which a state keeps them; see the forecasting evidence in
 * docs/internals/prediction.md. Changing an order or a value invalidates stored states and trained weights.
 */
export const PARTITION_HALF_LIVES_HOURS = [24, 14 * 24, 60 * 24, 365 * 24] as const;
export const PARENT_HALF_LIVES_HOURS = [14 * 24, 365 * 24] as const;
export const GLOBAL_HALF_LIVES_HOURS = [24, 14 * 24, 365 * 24] as const;
/** Half-life of a partition's counts per segment. */
export const SEGMENT_HALF_LIFE_HOURS = 14 * 24;
/** Half-life of the global hour-of-week profile. */
export const WEEK_PROFILE_HALF_LIFE_HOURS = 180 * 24;
/** Half-lives of the hour-of-day counts of a partition and of a parent. */
export const PARTITION_HOURS_HALF_LIFE_HOURS = 120 * 24;
export const PARENT_HOURS_HALF_LIFE_HOURS = 180 * 24;
/** The expert of the most recent accesses forgets half every so many accesses. */
export const RECENT_HALF_LIFE_ACCESSES = 5;
/** A partition remembers at most so many segments, those with the largest decayed counts. */
export const MAX_SEGMENTS_PER_PARTITION = 8;

/** Forecast horizons in hours: the short one for leadership, a day, the long one for placement of copies. */
export const WINDOWS_HOURS = [6, 24, 168] as const;
export const WEEK_WINDOW_HOURS = 168;
/** Coming hours that an outlook covers, one by one: 18 that a leader is planned over, and 6 until it is made anew. */
export const OUTLOOK_HOURS = 24;
/** The window that an outlook's shares and its first hours' accesses are forecast with. */
export const OUTLOOK_SHORT_HOURS = 6;
/** Where fewer accesses are expected in the short window there is no outlook: planning by the hour would gain nothing. */
export const OUTLOOK_LEAST_ACCESSES = 0.02;
/** Hours between a forecast and the window that it is for: what is decided now takes effect an hour later. */
export const LEAD_HOURS = 1;

export interface RunSettings {
	/** Hours after which a partition without new accesses is forecast again; refreshes fall on multiples of it (UTC). Range 1..24. */
	readonly refreshHours: number;
	/** Hours since the last access after which a partition is no longer refreshed. */
	readonly activeHours: number;
	/** Hours of counts that one run takes in at most; what is left waits for the next. */
	readonly maxHoursPerRun: number;
	/** Shards with fewer due partitions in all than this share one call: starting a call costs more than forecasting them. */
	readonly partitionsPerCall: number;
	/** Minutes for which one run keeps others out. Longer than the state machine may run plus one function timeout. */
	readonly leaseMinutes: number;
}

/** @see docs/adr for the rule behind `refreshHours` and `activeHours` */
export const RUN_SETTINGS: RunSettings = {
	refreshHours: 12,
	activeHours: 7 * 24,
	maxHoursPerRun: 14 * 24,
	partitionsPerCall: 300,
	leaseMinutes: 55,
};
