import type { RegionId } from "#domain/geography/region-id.ts";
import { allocate } from "#domain/placement/allocation/allocate.ts";
import type { AllocationProblem, ResourceUse } from "#domain/placement/allocation/problem.ts";
import { type Target, takeTarget } from "#domain/placement/choose-placement.ts";
import { type Decision, DecisionReason, Exclusion } from "#domain/placement/decision.ts";
import { compareCodes } from "#domain/placement/expected-cost.ts";

/** What one run may use up. */
export interface MoveLimits {
	/** Migrations that make copies. */
	readonly maxMoves: number;
	/** Migrations that make none: transfers among standing copies, copies taken back. */
	readonly maxTransfers: number;
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
	/** What making one copy copies. */
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
function afterwards(limits: MoveLimits, granted: readonly Candidate[]): MoveLimits {
	const adds = granted.map(({ decision: { actions, target } }) =>
		actions === undefined
			? [target].filter((region) => region !== undefined)
			: actions.flatMap((action) => ("addFollower" in action ? [action.addFollower] : [])),
	);
	const bytes = granted.reduce((sum, candidate, index) => sum + candidate.bytes * (adds[index]?.length ?? 0), 0);
	return {
		maxMoves: limits.maxMoves - granted.length,
		maxTransfers: limits.maxTransfers,
		room: roomAfter(limits, adds.flat()),
		...(limits.maxBytes === undefined ? {} : { maxBytes: Math.max(0, limits.maxBytes - bytes) }),
	};
}

function roomAfter({ room }: MoveLimits, added: readonly RegionId[]): ReadonlyMap<RegionId, number> {
	const left = new Map(room);
	for (const region of added) {
		const before = left.get(region);
		if (before !== undefined) left.set(region, Math.max(0, before - 1));
	}
	return left;
}

function share(candidates: readonly Candidate[], limits: MoveLimits): readonly Decision[] {
	if (candidates.length === 0) return [];
	const { chosen } = allocate(problemOf(candidates, resourcesOf(limits)));
	const room = roomAfter(
		limits,
		candidates.flatMap(({ targets }, index) => targets[(chosen[index] ?? 0) - 1]?.adds ?? []),
	);
	return candidates.map(({ decision, targets }, index) => {
		const option = chosen[index] ?? 0;
		const target = targets[option - 1];
		// the best target is the first: who does not get it has met a limit
		if (option === 1) return decision;
		const full = targets[0]?.adds.find((region) => (room.get(region) ?? 1) < 1);
		const bound: Partial<Decision> = full === undefined ? {} : { bound: { by: Exclusion.Capacity, region: full } };
		if (target !== undefined) return { ...takeTarget(decision, target), ...bound };
		return { ...refuse(decision, full === undefined ? DecisionReason.Budget : DecisionReason.Capacity), ...bound };
	});
}

/** Resources with a limit: moves, transfers, bytes, then room by region. */
interface Resources {
	readonly limits: readonly number[];
	readonly bytes: number | undefined;
	readonly room: ReadonlyMap<RegionId, number>;
}
const MOVES = 0;
const TRANSFERS = 1;
const BYTES = 2;

function resourcesOf({ maxMoves, maxTransfers, maxBytes, room }: MoveLimits): Resources {
	const regions = [...room].sort(([a], [b]) => compareCodes(a, b));
	const fixed = [maxMoves, maxTransfers, ...(maxBytes === undefined ? [] : [maxBytes])];
	return {
		limits: [...fixed, ...regions.map(([, copies]) => copies)],
		bytes: maxBytes === undefined ? undefined : BYTES,
		room: new Map(regions.map(([region], index) => [region, fixed.length + index])),
	};
}

function problemOf(candidates: readonly Candidate[], resources: Resources): AllocationProblem {
	return {
		limits: resources.limits,
		items: candidates.map(({ targets, bytes }) => [
			{ costMs: 0, uses: [] },
			...targets.map(({ adds, benefitMs }) => ({ costMs: -benefitMs, uses: usesOf(adds, bytes, resources) })),
		]),
	};
}

function usesOf(adds: readonly RegionId[], bytes: number, resources: Resources): readonly ResourceUse[] {
	if (adds.length === 0) return [{ resource: TRANSFERS, amount: 1 }];
	const uses: ResourceUse[] = [{ resource: MOVES, amount: 1 }];
	if (resources.bytes !== undefined) uses.push({ resource: resources.bytes, amount: bytes * adds.length });
	for (const region of adds) {
		const room = resources.room.get(region);
		if (room !== undefined) uses.push({ resource: room, amount: 1 });
	}
	return uses;
}

const refuse = ({ actions: _, ...decision }: Decision, reason: DecisionReason): Decision => ({ ...decision, verdict: "stay", reason });
