import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { allowsCopyIn, type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { alternativesFor } from "#domain/placement/candidates.ts";
import { type Alternative, type Decision, DecisionReason, decisionIdOf, keptOf } from "#domain/placement/decision.ts";
import { type Demand, demandOf, expectedCostMs, type RoundTripTimeMs, zScoreOf } from "#domain/placement/expected-cost.ts";
import { isHeldOut } from "#domain/placement/holdout.ts";
import type { PlacementSettings } from "#domain/placement/settings.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

export interface PlacementInput {
	readonly partition: PartitionId;
	/** The run's scheduled time: "now" for every rule. */
	readonly decidedAtMs: number;
	/** Undefined where the metadata table has none. */
	readonly record: PartitionRecord | undefined;
	/** One a window, any order. */
	readonly vectors: readonly PredictionVector[];
	/** Deployed regions, any order. */
	readonly regions: readonly RegionId[];
	readonly freeze: Freeze;
	readonly rttMs: RoundTripTimeMs;
	readonly settings: PlacementSettings;
}

/**
 * Decides where the one copy of a partition shall lead. Every move copies data, so the long forecast (`settings.windowHours`)
 * chooses; what the short one says is recorded, and will choose the leader once sets of copies are placed.
 */
export function choosePlacement(input: PlacementInput): Decision {
	const base = baseOf(input);
	if (input.record === undefined) return stay(base, DecisionReason.NoRecord);
	const placed = { ...base, source: input.record.leader, epoch: input.record.epoch };
	const vector = vectorOf(input, input.settings.windowHours);
	if (vector === undefined) return stay(placed, DecisionReason.NoForecast);
	return judge(input, input.record, vector, placed);
}

export type DecisionBase = Omit<Decision, "verdict" | "reason">;

function judge(input: PlacementInput, record: PartitionRecord, vector: PredictionVector, base: DecisionBase): Decision {
	const demand = demandOf(vector);
	const alternatives = alternativesFor(record, demand, input.regions, input.freeze, input.rttMs);
	const informed = { ...base, alternatives, forecast: keptOf(vector) };
	const target = alternatives.find(({ excludedBy }) => excludedBy === undefined);
	if (target === undefined) return stay(informed, blockOf(input, record) ?? DecisionReason.NoAllowedRegion);
	const measures = measure(input, record.leader, target, vector, demand);
	const full = { ...informed, ...boundOf(alternatives, target), ...measures.recorded, target: target.region };
	const block = blockOf(input, record);
	if (block !== undefined) return stay(full, block);
	if (target.region === record.leader) return stay(full, record.pin === undefined ? DecisionReason.AlreadyBest : DecisionReason.Pinned);
	// a rule that the present leader breaks is not weighed against milliseconds
	if (!allowsCopyIn(record, record.leader)) return { ...full, verdict: "move", reason: DecisionReason.Residency };
	if (record.pin !== undefined) return { ...full, verdict: "move", reason: DecisionReason.Pin };
	const doubt = doubtOf(measures, input.settings);
	if (doubt === undefined && isHeldOut(record.partition, input.settings.holdoutShare)) return stay(full, DecisionReason.Holdout);
	return doubt === undefined ? { ...full, verdict: "move", reason: DecisionReason.Saving } : stay(full, doubt);
}

/** A region that a partition may move to, and what that would bring. */
export interface Target extends Pick<Decision, "savingMs" | "zScore" | "chosen" | "actions" | "plan"> {
	/** Who leads there. */
	readonly target: RegionId;
	readonly benefitMs: number;
	/** Regions that get a copy which they have not yet. */
	readonly adds: readonly RegionId[];
	/** @default DecisionReason.Saving */
	readonly reason?: DecisionReason;
}

/** A decision with a place to go to. */
export const takeTarget = (decision: Decision, { adds: _, reason = decision.reason, ...place }: Target): Decision => ({
	...decision,
	...place,
	reason,
});

/** Every region to which the partition of a decision could move instead, the best first; only where it moves for a saving. */
export function targetsOf(input: PlacementInput, decision: Decision): readonly Target[] {
	const vector = vectorOf(input, input.settings.windowHours);
	const { record } = input;
	if (decision.verdict !== "move" || decision.reason !== DecisionReason.Saving || vector === undefined || record === undefined) return [];
	const demand = demandOf(vector);
	return decision.alternatives.flatMap((alternative) => {
		if (alternative.excludedBy !== undefined || alternative.region === record.leader) return [];
		const measures = measure(input, record.leader, alternative, vector, demand);
		const { savingMs, benefitMs, zScore } = measures;
		return doubtOf(measures, input.settings) === undefined
			? [{ target: alternative.region, adds: [alternative.region], savingMs, benefitMs, zScore }]
			: [];
	});
}

/** What forbids any move of the partition now. */
export function blockOf({ freeze, decidedAtMs, settings }: PlacementInput, record: PartitionRecord): DecisionReason | undefined {
	if (freeze.global || record.frozen === true || freeze.regions.includes(record.leader)) return DecisionReason.Frozen;
	if (record.phase !== Phase.Active) return DecisionReason.Migrating;
	if (decidedAtMs < record.leaderSinceMs + settings.coolDownHours * HOUR_MS) return DecisionReason.CoolDown;
	return undefined;
}

interface Measures {
	readonly costNowMs: number;
	readonly savingMs: number;
	readonly benefitMs: number;
	readonly zScore: number;
	readonly recorded: Pick<Decision, "savingMs" | "benefitMs" | "zScore" | "shortTerm">;
}

function measure(input: PlacementInput, now: RegionId, target: Alternative, vector: PredictionVector, demand: Demand): Measures {
	const costNowMs = expectedCostMs(demand, now, input.rttMs);
	const savingMs = costNowMs - target.costMs;
	const zScore = zScoreOf(demand, now, target.region, vector.effectiveCount, input.rttMs);
	const benefitMs = savingMs * vector.expectedAccesses - input.settings.costShare * input.settings.moveCostMs;
	return { costNowMs, savingMs, benefitMs, zScore, recorded: { savingMs, benefitMs, zScore, ...shortTermOf(input, now, target.region) } };
}

/** Which test the saving fails, if any. */
function doubtOf(measures: Measures, settings: PlacementSettings): DecisionReason | undefined {
	const { costNowMs, savingMs, zScore, benefitMs } = measures;
	if (!(savingMs > settings.minRelativeSaving * costNowMs)) return DecisionReason.SmallSaving;
	if (!(benefitMs > 0)) return DecisionReason.NotWorthMoving;
	if (!(zScore > settings.minZScore)) return DecisionReason.Uncertain;
	return undefined;
}

/** The shortest horizon there is, if it is another than the one that chooses. */
function shortTermOf(input: PlacementInput, now: RegionId, target: RegionId): Pick<Decision, "shortTerm"> {
	const windowHours = Math.min(...input.vectors.map((vector) => vector.windowHours));
	const vector = windowHours < input.settings.windowHours ? vectorOf(input, windowHours) : undefined;
	if (vector === undefined) return {};
	const demand = demandOf(vector);
	const savingMs = expectedCostMs(demand, now, input.rttMs) - expectedCostMs(demand, target, input.rttMs);
	return { shortTerm: { windowHours, savingMs, expectedAccesses: vector.expectedAccesses } };
}

function boundOf(alternatives: readonly Alternative[], target: Alternative): Pick<Decision, "bound"> {
	const best = alternatives[0];
	return best?.excludedBy === undefined || best.region === target.region ? {} : { bound: { by: best.excludedBy, region: best.region } };
}

export const vectorOf = (input: PlacementInput, windowHours: number): PredictionVector | undefined =>
	input.vectors.find((vector) => vector.windowHours === windowHours);

export function baseOf({ partition, decidedAtMs, settings }: PlacementInput): DecisionBase {
	const decidedAt = new Date(decidedAtMs).toISOString();
	return { decisionId: decisionIdOf(partition, decidedAt), partition, decidedAt, alternatives: [], settings: { ...settings } };
}

export const stay = (base: DecisionBase, reason: DecisionReason): Decision => ({ ...base, verdict: "stay", reason });
