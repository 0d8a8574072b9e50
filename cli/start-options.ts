import { resolve } from "node:path";
import { parseOutFile, parsePartitionFrom, parsePeriod, parseRegions, parseWhole, quote, TRACE_REGIONS } from "#cli/parse-values.ts";
import { chooseModel } from "#cli/train/choose-model.ts";
import { UsageError } from "#cli/usage-error.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { FOLLOW, type Follow } from "#domain/placement/policy.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import { DEMO_REGIONS } from "#replay/world/cities.ts";

/** What `start` is asked to play. */
export type WorkloadKind = "trace" | "demo" | "idle";

/** The flags of `start`, checked. */
export interface StartOptions {
	readonly workload: WorkloadKind;
	/** Present for `trace`. */
	readonly trace: string | undefined;
	/** Where the requests of a CloudFront log name their partition; undefined for the data API's own paths. */
	readonly partitionFrom: string | undefined;
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
	/** Copies of a partition at most. */
	readonly copies: number;
	/** What moves the only copy. */
	readonly follow: Follow;
	/** What the deployment begins with. @default the model that came with the release */
	readonly model: ModelArtefact | undefined;
	/** Standard errors that a saving has to be above zero before data is copied for it. */
	readonly minZScore: number;
}

/** The flags as the command line gives them. */
export interface RawStartOptions {
	readonly trace?: string;
	readonly partitionFrom?: string;
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
	readonly copies?: string;
	readonly follow?: string;
	readonly minZScore?: string;
	readonly model?: string;
}

/** A day of the demo world a minute. */
const DEMO_SPEED = 1440;
/** As many as a replica set may have. */
const MAX_COPIES = 5;
const MAX_Z_SCORE = 10;

/** Checks the flags of `start`. @throws UsageError */
export function parseStartOptions(raw: RawStartOptions): StartOptions {
	const workload: WorkloadKind = raw.trace !== undefined ? "trace" : raw.idle === true ? "idle" : "demo";
	if (raw.trace !== undefined && raw.idle === true)
		throw new UsageError("--idle brings the cloud up without a workload; leave it or --trace out");
	if (raw.access !== undefined && workload !== "idle")
		throw new UsageError("--access lets in requests with tokens only, and a workload has none; use it with --idle");
	parsePartitionFrom(raw.partitionFrom);
	const { fromMs, toMs } = parsePeriod(raw);
	if (workload === "idle" && (fromMs ?? toMs) !== undefined)
		throw new UsageError("--from and --to choose from a workload; --idle has none");
	const once = raw.once === true;
	if (once && workload === "idle") throw new UsageError("--once stops at the end of a workload; --idle has none");
	if (once && workload === "demo" && toMs === undefined)
		throw new UsageError("--once needs an end: give --trace FILE, or --to for the demo world");
	return {
		workload,
		trace: raw.trace === undefined ? undefined : resolve(raw.trace),
		partitionFrom: raw.partitionFrom,
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
		copies: parseCopies(raw.copies),
		follow: parseFollow(raw.follow),
		model: raw.model === undefined ? undefined : chooseModel(raw.model),
		minZScore: parseMinZScore(raw.minZScore),
	};
}

function parseFollow(text: string = FOLLOW[0]): Follow {
	const follow = FOLLOW.find((name) => name === text);
	if (follow === undefined) throw new UsageError(`--follow ${JSON.stringify(text)} is not known; it takes ${FOLLOW.join(" or ")}`);
	return follow;
}

function parseMinZScore(text = String(PLACEMENT_SETTINGS.minZScore)): number {
	const errors = text.trim() === "" ? Number.NaN : Number(text);
	if (!(errors >= 0 && errors <= MAX_Z_SCORE))
		throw new UsageError(`--min-z-score takes a number of standard errors, 0 to ${MAX_Z_SCORE}, not ${quote(text)}`);
	return errors;
}

function parseCopies(text = "1"): number {
	const copies = parseWhole("--copies", text, MAX_COPIES, "copies of a partition at most");
	if (copies === 0) throw new UsageError("--copies takes a whole number from 1: a partition has one copy at least");
	return copies;
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
	if (file !== undefined && workload === "idle") throw new UsageError("--report tells of a workload; --idle has none");
	return parseOutFile("--report", file);
}
