import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { choosePlacement, type PlacementInput, stay, type Target, takeTarget, vectorOf } from "#domain/placement/choose-placement.ts";
import { type Decision, DecisionReason } from "#domain/placement/decision.ts";
import { compareCodes, demandOf, expectedCostMs, zScoreOf } from "#domain/placement/expected-cost.ts";
import { isHeldOut } from "#domain/placement/holdout.ts";
import { betterPlaces, moveOnlyCopy, ONLY_COPY_RULE } from "#domain/placement/only-copy.ts";
import { hoursAhead } from "#domain/placement/sets/hours-ahead.ts";
import { planLeader } from "#domain/placement/sets/leader-plan.ts";
import { SetTable } from "#domain/placement/sets/set-table.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";

export interface HourlyInput extends PlacementInput {
	readonly outlook: HourlyOutlook | undefined;
}

/** Regions that a partition may get instead of the best, where there is not room for all. */
const TARGETS = 6;
/** Reasons of the week's rule that weigh milliseconds, which the plan by the hour weighs instead; every other one stands. */
const WEIGHED: ReadonlySet<DecisionReason> = new Set([
	DecisionReason.Saving,
	DecisionReason.Holdout,
	DecisionReason.AlreadyBest,
	DecisionReason.SmallSaving,
	DecisionReason.NotWorthMoving,
	DecisionReason.Uncertain,
]);

/**
 * Decides where the only copy of a partition shall lead, by a plan over the hours ahead and the week after them: for good where the week
 * speaks for it, for some hours where they pay for a move there and back. Pure.
 *
 * @returns the decision, and where else the partition might go, the best first
 */
export function chooseByHours(input: HourlyInput): { readonly decision: Decision; readonly targets: readonly Target[] } {
	const byWeek = choosePlacement(input);
	const { record } = input;
	const vector = vectorOf(input, input.settings.windowHours);
	if (record === undefined || vector === undefined || !WEIGHED.has(byWeek.reason)) return { decision: byWeek, targets: [] };
	const targets = planTargets(input, record, vector, byWeek);
	const first = targets[0];
	if (first === undefined) return { decision: stay(byWeek, staying(byWeek.reason)), targets: [] };
	const { adds: _, reason: __, ...place } = first;
	if (isHeldOut(record.partition, input.settings.holdoutShare))
		return { decision: stay({ ...byWeek, ...place }, DecisionReason.Holdout), targets: [] };
	return { decision: takeTarget({ ...byWeek, verdict: "move" }, first), targets };
}

/** What the week would have moved, and the hours do not. */
const staying = (reason: DecisionReason): DecisionReason =>
	reason === DecisionReason.Saving || reason === DecisionReason.Holdout ? DecisionReason.NotWorthMoving : reason;

function planTargets(input: HourlyInput, { leader }: PartitionRecord, vector: PredictionVector, byWeek: Decision): readonly Target[] {
	const regions = [...new Set([...input.regions, ...vector.regions, leader])].sort(compareCodes);
	const may = byWeek.alternatives.flatMap(({ region, excludedBy }) => (excludedBy === undefined ? [region] : []));
	const members = regions.flatMap((region, index) => (region === leader || may.includes(region) ? [index] : []));
	const matrix = Float64Array.from(regions.flatMap((from) => regions.map((to) => input.rttMs(from, to))));
	const table = new SetTable(regions.length, members.length, matrix, [members]);
	const hours = hoursAhead(input.outlook, input.vectors, regions, hourOf(input.decidedAtMs) + LEAD_HOURS);
	const demand = demandOf(vector);
	const week = {
		shares: Float64Array.from(regions, (region) => vector.probabilities[vector.regions.indexOf(region)] ?? 0),
		accesses: vector.expectedAccesses,
		evidence: vector.effectiveCount,
	};
	const present = regions.indexOf(leader);
	let costs: Float64Array = new Float64Array(0);
	const begin = (chargeMs: number): number => {
		const plan = planLeader({ table, set: 0, present, hours, week, leaderShare: 1, chargeMs });
		costs = plan.costs;
		return plan.leader;
	};
	const regionAt = (index: number): RegionId => regions[index] as RegionId;
	const zScore = (to: number): number => zScoreOf(demand, leader, regionAt(to), vector.effectiveCount, input.rttMs);
	const isCertain = (to: number): boolean => zScore(to) > input.settings.minZScore;
	const { moveCostMs } = input.settings;
	const move = moveOnlyCopy({ present, moveCostMs, rule: ONLY_COPY_RULE, begin, isCertain });
	if (move === undefined) return [];
	const { chargeMs, away } = move;
	// of the plan asked for last, which is the one that moves it
	return betterPlaces(costs, present, chargeMs)
		.filter(({ to }) => away || isCertain(to))
		.slice(0, TARGETS)
		.map(({ to, gainMs }) => ({
			target: regionAt(to),
			adds: [regionAt(to)],
			reason: away ? DecisionReason.Excursion : DecisionReason.Saving,
			savingMs: expectedCostMs(demand, leader, input.rttMs) - expectedCostMs(demand, regionAt(to), input.rttMs),
			benefitMs: gainMs,
			zScore: zScore(to),
			plan: { hours: hours.hours, leader: regionAt(to), savingMs: gainMs + chargeMs, chargeMs },
		}));
}
