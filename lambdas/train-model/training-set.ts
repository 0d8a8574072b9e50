import { gzipSync } from "node:zlib";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourIso } from "#domain/prediction/hours.ts";

/** Where the days of the training set are in the features bucket. */
export const COUNTS_PREFIX = "counts/";
/** Where a job finds what it is to be judged against. */
export const contextPrefix = (job: string): string => `sets/${job}/`;
/** Where archives of jobs go. */
export const JOBS_PREFIX = "jobs/";

export const HOURS_PER_DAY = 24;
const DAY_MS = 86_400_000;

/** Days since the Unix epoch, UTC. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
export const dayIso = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The key of one day's counts; sorts as the days do. */
export const dayKey = (day: number): string => `${COUNTS_PREFIX}${dayIso(day)}.csv.gz`;

/** Counts as an access log (CSV, gzip): a row a partition, region, segment and hour, in order of time. Any reader of access logs takes it. */
export function encodeCounts(counts: readonly HourCount[]): Buffer {
	const rows = [...counts].sort(
		(a, b) => a.hour - b.hour || compare(a.partition, b.partition) || compare(a.region, b.region) || compare(a.segment, b.segment),
	);
	const lines = rows.map(
		({ hour, partition, region, segment, count }) => `${hourIso(hour)},${partition},${region},${quoted(segment)},${count}`,
	);
	return gzipSync(["ts,partition,region,segment,count", ...lines, ""].join("\n"));
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
