import type { RegionId } from "#domain/geography/region-id.ts";
import { allocate } from "#domain/placement/allocation/allocate.ts";
import type { AllocationProblem, ResourceUse } from "#domain/placement/allocation/problem.ts";
import type { Target } from "#domain/placement/choose-placement.ts";
import { type Decision, DecisionReason, Exclusion } from "#domain/placement/decision.ts";
import { compareCodes } from "#domain/placement/expected-cost.ts";

/** What one run may use up. */
export interface MoveLimits {
	readonly maxMoves: number;
	/** Bytes that the moves of one run copy. @default no limit */
	readonly maxBytes?: number;
	/** Copies that a region has room for. A copy that leaves makes room for the next run, when it has left. @default no limit */
	readonly room: ReadonlyMap<RegionId, number>;
}

/** A decision, and where else the partition might go. */
export interface Candidate {
	readonly decision: Decision;
	/** Where a move for a saving may go, best first; empty for every other decision. */
	readonly targets: readonly Target[];
	/** What a move copies. */
	readonly bytes: number;
}

/**
 * Lets those move who gain most by what is scarce. Moves that a rule demands go first, whatever room there is; the others share what is left at
 * prices. Who goes to another region than the best, or stays, is told why. Keeps the order.
 */
export function grantMoves(candidates: readonly Candidate[], limits: MoveLimits): readonly Decision[] {
	const wanting = candidates.filter(({ decision }) => decision.verdict === "move").sort(byName);
	const demanded = wanting.filter(({ targets }) => targets.length === 0);
	const granted = demanded.slice(0, limits.maxMoves);
	const outcomes = new Map(demanded.map(({ decision }) => [decision.decisionId, refuse(decision, DecisionReason.Budget)]));
	for (const { decision } of granted) outcomes.set(decision.decisionId, decision);
	const rest = wanting.filter(({ targets }) => targets.length > 0);
	for (const decision of share(rest, afterwards(limits, granted))) outcomes.set(decision.decisionId, decision);
	return candidates.map(({ decision }) => outcomes.get(decision.decisionId) ?? decision);
}

const byName = (a: Candidate, b: Candidate): number => compareCodes(a.decision.partition, b.decision.partition);

/** What demanded moves leave. */
function afterwards({ maxMoves, maxBytes, room }: MoveLimits, granted: readonly Candidate[]): MoveLimits {
	const left = new Map(room);
	for (const { decision } of granted) {
		const before = decision.target === undefined ? undefined : left.get(decision.target);
		if (decision.target !== undefined && before !== undefined) left.set(decision.target, Math.max(0, before - 1));
	}
	const bytes = granted.reduce((sum, candidate) => sum + candidate.bytes, 0);
	return {
		maxMoves: maxMoves - granted.length,
		room: left,
		...(maxBytes === undefined ? {} : { maxBytes: Math.max(0, maxBytes - bytes) }),
	};
}

function share(candidates: readonly Candidate[], limits: MoveLimits): readonly Decision[] {
	if (candidates.length === 0) return [];
	const { chosen } = allocate(problemOf(candidates, resourcesOf(limits)));
	const moving = candidates.filter((_, index) => (chosen[index] ?? 0) > 0);
	const bytesLeft = (limits.maxBytes ?? Number.POSITIVE_INFINITY) - moving.reduce((sum, { bytes }) => sum + bytes, 0);
	return candidates.map(({ decision, targets, bytes }, index) => {
		const option = chosen[index] ?? 0;
		const target = targets[option - 1];
		// the best target is the first: who does not get it has met a limit
		if (target !== undefined) return option === 1 ? decision : { ...decision, ...target, ...boundBy(targets[0]) };
		const isSpent = moving.length >= limits.maxMoves || bytes > bytesLeft;
		return isSpent ? refuse(decision, DecisionReason.Budget) : { ...refuse(decision, DecisionReason.Capacity), ...boundBy(targets[0]) };
	});
}

/** Resources with a limit: moves, bytes, then room by region. */
interface Resources {
	readonly limits: readonly number[];
	readonly bytes: number | undefined;
	readonly room: ReadonlyMap<RegionId, number>;
}

function resourcesOf({ maxMoves, maxBytes, room }: MoveLimits): Resources {
	const regions = [...room].sort(([a], [b]) => compareCodes(a, b));
	const first = maxBytes === undefined ? 1 : 2;
	return {
		limits: [maxMoves, ...(maxBytes === undefined ? [] : [maxBytes]), ...regions.map(([, copies]) => copies)],
		bytes: maxBytes === undefined ? undefined : 1,
		room: new Map(regions.map(([region], index) => [region, first + index])),
	};
}

function problemOf(candidates: readonly Candidate[], { limits, bytes, room }: Resources): AllocationProblem {
	return {
		limits,
		items: candidates.map((candidate) => [
			{ costMs: 0, uses: [] },
			...candidate.targets.map(({ target, benefitMs }) => {
				const uses: ResourceUse[] = [{ resource: 0, amount: 1 }];
				const place = room.get(target);
				if (bytes !== undefined) uses.push({ resource: bytes, amount: candidate.bytes });
				if (place !== undefined) uses.push({ resource: place, amount: 1 });
				return { costMs: -benefitMs, uses };
			}),
		]),
	};
}

const boundBy = (best: Target | undefined): Partial<Decision> =>
	best === undefined ? {} : { bound: { by: Exclusion.Capacity, region: best.target } };

const refuse = (decision: Decision, reason: DecisionReason): Decision => ({ ...decision, verdict: "stay", reason });
