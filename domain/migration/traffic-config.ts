import type { RegionId } from "#domain/geography/region-id.ts";
import { MIN_REQUESTS } from "#domain/migration/judge-canary.ts";
import type { AbortThresholds, MigrationPlan } from "#domain/migration/plan-schema.ts";
import type { CanaryStep, MigrationRequest } from "#domain/migration/request.ts";
import type { MigrationSettings } from "#domain/migration/settings.ts";
import type { Health, PartitionState } from "#domain/partition-state/state.ts";

/** What a plan may know beforehand. */
interface Known {
	readonly state?: PartitionState | undefined;
	/** Round-trip time in ms. */
	readonly rttMs?: ((from: RegionId, to: RegionId) => number) | undefined;
}

type Change = Pick<MigrationPlan, "transfer" | "joins" | "replicas">;

/** The longest that a step is made to wait for requests, in seconds: following the sun must not take an hour. */
const MAX_HOLD_SECONDS = 300;
/** How much worse than lately a canary may do before it is the target's fault: twice the partition's own error share. */
const ERROR_HEADROOM = 2;
/** A canary that lets half of its requests fail is none, however badly the leader did. */
const MAX_ERROR_SHARE = 0.5;
/** The model of round-trip times is wrong by at most this factor in nine of ten pairs. @see domain/geography/round-trip-time.ts */
const RTT_DOUBT = 1.36;
/** Viewers' regions with a smaller share of the accesses do not move a p99 of a handful of requests. */
const MIN_VIEWER_SHARE = 0.005;

/**
 * Canary steps and what ends them. Only where leadership moves: elsewhere no traffic shifts, and a standing follower that already answers
 * enough of it, and well, has shown what a canary would. Thresholds come from what the partition itself has done lately, with the
 * settings as floors.
 */
export function defineTrafficShiftingConfig(
	request: Pick<MigrationRequest, "canary">,
	change: Change,
	settings: Pick<MigrationSettings, "canary" | "abort">,
	known: Known = {},
): MigrationPlan["traffic"] {
	const { transfer } = change;
	const abort = abortThresholds(change, settings.abort, known);
	const requestsPerSecond = known.state?.load.requestsPerSecond;
	const rate = requestsPerSecond === undefined ? {} : { requestsPerSecond };
	if (transfer === undefined || (request.canary === undefined && servesAlready(change, transfer, abort, known.state)))
		return { steps: [], abort, ...rate };
	const steps = request.canary ?? settings.canary.map((step) => heldLongEnough(step, requestsPerSecond ?? 0));
	return { steps, abort, ...rate };
}

/** A follower of long standing whose answers are healthy. */
function servesAlready({ joins }: Change, target: RegionId, abort: AbortThresholds, state: PartitionState | undefined): boolean {
	const health = state?.health[target];
	if (health === undefined || joins.includes(target)) return false;
	return health.requests >= MIN_REQUESTS && health.errorShare <= abort.maxErrorShare && health.divergences <= abort.maxDivergences;
}

/** The step with the time it takes to see enough requests to judge by, where that is not too long. */
function heldLongEnough(step: CanaryStep, requestsPerSecond: number): CanaryStep {
	const neededSeconds = Math.ceil(MIN_REQUESTS / (requestsPerSecond * step.weight));
	return neededSeconds > MAX_HOLD_SECONDS ? step : { ...step, holdSeconds: Math.max(step.holdSeconds, neededSeconds) };
}

function abortThresholds(change: Change, floors: AbortThresholds, { state, rttMs }: Known): AbortThresholds {
	const lately = enough(state?.health[change.replicas.leaderBefore]);
	const maxErrorShare = Math.max(floors.maxErrorShare, Math.min(MAX_ERROR_SHARE, ERROR_HEADROOM * (lately?.errorShare ?? 0)));
	const latencyAllowanceMs =
		change.transfer === undefined || rttMs === undefined ? undefined : detourMs(change, change.transfer, rttMs, state);
	return {
		...floors,
		maxErrorShare,
		...(latencyAllowanceMs === undefined ? {} : { latencyAllowanceMs }),
		...(lately?.p99Ms === undefined ? {} : { baselineP99Ms: lately.p99Ms }),
	};
}

const enough = (health: Health | undefined): Health | undefined =>
	health === undefined || health.requests < MIN_REQUESTS ? undefined : health;

/**
 * What going through the target costs a viewer at most, in ms: to the target, from there to the leader and back, instead of to the
 * leader. Where nobody knows the viewers, the triangle inequality bounds it.
 */
function detourMs(
	{ replicas: { leaderBefore: leader } }: Change,
	target: RegionId,
	rttMs: (from: RegionId, to: RegionId) => number,
	state: PartitionState | undefined,
): number {
	const between = rttMs(target, leader);
	const viewers = Object.entries(state?.load.viewers ?? {}).filter(([, share]) => share >= MIN_VIEWER_SHARE);
	const detours = viewers.map(([viewer]) => rttMs(viewer as RegionId, target) + between - rttMs(viewer as RegionId, leader));
	return RTT_DOUBT * Math.max(between, ...(detours.length === 0 ? [2 * between] : detours));
}
