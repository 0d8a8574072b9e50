import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "#cli/usage-error.ts";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { findRegion, REGIONS } from "#domain/geography/regions.ts";
import { parseTime } from "#replay/readers/parse-time.ts";
import { DEMO_REGIONS } from "#replay/world/cities.ts";

/** What `start` is asked to play. */
export type WorkloadKind = "trace" | "demo" | "idle";

/** The flags of `start`, checked. */
export interface StartOptions {
	readonly workload: WorkloadKind;
	/** Present for `trace`. */
	readonly trace: string | undefined;
	/** Milliseconds since the Unix epoch, inclusive and exclusive. */
	readonly fromMs: number | undefined;
	readonly toMs: number | undefined;
	/** 1 is the wall clock, `Infinity` jumps from event to event. */
	readonly speed: number;
	readonly once: boolean;
	readonly report: string | undefined;
	readonly port: number;
	/** Absent: a temporary directory. */
	readonly data: string | undefined;
	readonly regions: readonly RegionId[];
	readonly headless: boolean;
	readonly seed: number;
	/** A matrix of measured round-trip times. */
	readonly rtt: string | undefined;
	/** A file with an access policy. */
	readonly access: string | undefined;
}

/** The flags as the command line gives them. */
export interface RawStartOptions {
	readonly trace?: string;
	readonly from?: string;
	readonly to?: string;
	readonly speed?: string;
	readonly once?: boolean;
	readonly report?: string;
	readonly port?: string;
	readonly data?: string;
	readonly regions?: string;
	readonly headless?: boolean;
	readonly idle?: boolean;
	readonly seed?: string;
	readonly rtt?: string;
	readonly access?: string;
}

/** A day of the demo world a minute. */
const DEMO_SPEED = 1440;
/** The nine regions over which forecasts were measured. */
const TRACE_REGIONS = "us-west-2,us-east-1,sa-east-1,eu-west-1,eu-central-1,ap-south-1,ap-southeast-1,ap-northeast-1,ap-southeast-2";

/** Checks the flags of `start`. @throws UsageError */
export function parseStartOptions(raw: RawStartOptions): StartOptions {
	const workload: WorkloadKind = raw.trace !== undefined ? "trace" : raw.idle === true ? "idle" : "demo";
	if (raw.trace !== undefined && raw.idle === true)
		throw new UsageError("--idle brings the cloud up without a workload; leave it or --trace out");
	if (raw.access !== undefined && workload !== "idle")
		throw new UsageError("--access lets in requests with tokens only, and a workload has none; use it with --idle");
	const fromMs = parseMoment("--from", raw.from);
	const toMs = parseMoment("--to", raw.to);
	if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
		throw new UsageError(`--from ${raw.from} must be before --to ${raw.to}`);
	if (workload === "idle" && (fromMs ?? toMs) !== undefined)
		throw new UsageError("--from and --to choose from a workload; --idle has none");
	const once = raw.once === true;
	if (once && workload === "idle") throw new UsageError("--once stops at the end of a workload; --idle has none");
	if (once && workload === "demo" && toMs === undefined)
		throw new UsageError("--once needs an end: give --trace FILE, or --to for the demo world");
	return {
		workload,
		trace: raw.trace === undefined ? undefined : resolve(raw.trace),
		fromMs,
		toMs,
		speed: parseSpeed(raw.speed, workload),
		once,
		report: parseReport(raw.report, workload),
		port: parseWhole("--port", raw.port ?? "4600", 65_535, "0 picks a free one"),
		data: raw.data === undefined ? undefined : resolve(raw.data),
		regions: parseRegions(raw.regions ?? (workload === "trace" ? TRACE_REGIONS : DEMO_REGIONS.join(","))),
		headless: raw.headless === true,
		seed: parseWhole("--seed", raw.seed ?? "1", 2 ** 32 - 1, "another seed is another run"),
		rtt: raw.rtt === undefined ? undefined : resolve(raw.rtt),
		access: raw.access === undefined ? undefined : resolve(raw.access),
	};
}

function parseMoment(flag: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const ms = parseTime(text);
	if (ms === undefined) throw new UsageError(`${flag} takes a date or time such as 2023-01-01 or 2023-01-01T12:00:00Z, not ${quote(text)}`);
	return ms;
}

function parseSpeed(text: string | undefined, workload: WorkloadKind): number {
	if (text === undefined) return { trace: Number.POSITIVE_INFINITY, demo: DEMO_SPEED, idle: 1 }[workload];
	if (text === "max") {
		if (workload === "idle") throw new UsageError("--speed max jumps from event to event; --idle has none, give a number");
		return Number.POSITIVE_INFINITY;
	}
	const speed = text.trim() === "" ? Number.NaN : Number(text);
	if (!(speed >= 1 && speed <= 1e7))
		throw new UsageError(`--speed takes a number from 1 (the wall clock) to 10000000, or max, not ${quote(text)}`);
	return speed;
}

function parseReport(file: string | undefined, workload: WorkloadKind): string | undefined {
	if (file === undefined) return undefined;
	if (workload === "idle") throw new UsageError("--report tells of a workload; --idle has none");
	const path = resolve(file);
	try {
		accessSync(dirname(path), constants.W_OK);
	} catch {
		throw new UsageError(`--report ${quote(file)}: ${dirname(path)} is not a directory that can be written to`);
	}
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`--report ${quote(file)} is a directory; give a file`);
	return path;
}

function parseWhole(flag: string, text: string, most: number, hint: string): number {
	const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value <= most)) throw new UsageError(`${flag} takes a whole number from 0 to ${most} (${hint}), not ${quote(text)}`);
	return value;
}

function parseRegions(text: string): readonly RegionId[] {
	const names = text.split(",").map((name) => name.trim());
	for (const [index, name] of names.entries()) {
		if (!isRegionId(name) || findRegion(name) === undefined) {
			throw new UsageError(`--regions: ${quote(name)} is not a known AWS region; known are ${REGIONS.map(({ id }) => id).join(", ")}`);
		}
		if (names.indexOf(name) !== index) throw new UsageError(`--regions names ${name} twice`);
	}
	return names as RegionId[];
}

/** What a user typed, for a message: short and on one line. */
const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
