export const HOUR_MS = 3_600_000;
export const HOURS_PER_DAY = 24;
export const HOURS_PER_WEEK = 168;

/**
 * Seconds after an hour's end during which its count may still grow. What is counted later is reported with the hour in which
 * it is counted. A counting function that began before the close has ended `COUNT_SETTLE_SECONDS` later.
 */
export const COUNT_CLOSES_AFTER_SECONDS = 60;
/** The hard timeout of the counting function. */
export const COUNT_SETTLE_SECONDS = 60;

/** Whole hours since the Unix epoch. */
export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

/** `2023-01-01T05:00:00Z`: sorts as the hours do. */
export const hourIso = (hour: number): string => `${new Date(hour * HOUR_MS).toISOString().slice(0, 19)}Z`;

/** The hour whose count takes an access of `accessHour` that is counted at `nowMs`: its own while that is open, else the oldest open one. */
export const reportHourOf = (accessHour: number, nowMs: number): number =>
	Math.max(accessHour, hourOf(nowMs - COUNT_CLOSES_AFTER_SECONDS * 1000));

/** The last hour whose counts cannot change any more at `nowMs`. */
export const lastClosedHour = (nowMs: number): number => hourOf(nowMs - (COUNT_CLOSES_AFTER_SECONDS + COUNT_SETTLE_SECONDS) * 1000) - 1;
