import type { RegionId } from "#domain/geography/region-id.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { moveActions } from "#domain/migration/request.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { chooseByHours } from "#domain/placement/choose-by-hours.ts";
import { choosePlacement, targetsOf } from "#domain/placement/choose-placement.ts";
import type { Decision } from "#domain/placement/decision.ts";
import type { RoundTripTimeMs } from "#domain/placement/expected-cost.ts";
import { type Candidate, grantMoves } from "#domain/placement/grant-moves.ts";
import { ownMoveCostMs } from "#domain/placement/own-move-cost.ts";
import type { PlacementPolicy } from "#domain/placement/policy.ts";
import { chooseReplicas } from "#domain/placement/sets/choose-replicas.ts";
import { createSetTables } from "#domain/placement/sets/set-tables.ts";
import type { PlacementSettings } from "#domain/placement/settings.ts";
import type { DecisionStore } from "#domain/ports/decision-store.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { PartitionStates } from "#domain/ports/partition-states.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { pricesOf } from "#domain/pricing/overrides.ts";
import { type DecideResult, decideInputSchema, type Move, type ShardResult } from "#lambdas/predict-placement/payloads.ts";
import { readLimits, readSizes, type Size } from "#lambdas/predict-placement/read-limits.ts";
import { takeSeen } from "#predictor/models/calibration.ts";

export interface DecidePlacementDeps {
	readonly store: PredictionStore;
	readonly metadata: Pick<MetadataStore, "readManyAndFreeze" | "list">;
	readonly states: Pick<PartitionStates, "readSize">;
	readonly decisions: DecisionStore;
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly rttMs: RoundTripTimeMs;
	readonly settings: PlacementSettings;
	readonly policy: PlacementPolicy;
}

/**
 * Decides for every partition forecast in this run, records each decision, and only then marks the run's counts as done.
 * Repeating it takes the same decisions, unless metadata has changed, and names the same migrations.
 */
export async function decidePlacement(deps: DecidePlacementDeps, input: unknown): Promise<DecideResult> {
	const { scheduledTime, throughHour, forecasts } = decideInputSchema.parse(input);
	const decidedAtMs = Date.parse(scheduledTime);
	const lists = forecasts.flatMap((result) => result.lists);
	const [decisions, calibration] = await Promise.all([
		decideAll(deps, lists, decidedAtMs),
		learnCalibration(deps.store, forecasts, throughHour),
	]);
	await Promise.all([deps.decisions.writeAll(decisions), calibration && deps.store.writeCalibration(calibration)]);
	// false: the lease ran out and another run has taken over; it takes the same hours again, and the moves are named the same
	await deps.store.completeRun(scheduledTime, { throughHour, dueThroughHour: hourOf(decidedAtMs) });
	const moves = decisions.flatMap(moveOf);
	return { scheduledTime, considered: decisions.length, moving: moves.length, moves };
}

/** The calibration with what the run's windows say, where they say anything; one writer, because one run decides at a time. */
async function learnCalibration(store: PredictionStore, forecasts: readonly ShardResult[], throughHour: number) {
	const seen = forecasts.flatMap((result) => (result.seen === undefined ? [] : [result.seen]));
	return seen.length === 0 ? undefined : takeSeen(await store.readCalibration(), seen, throughHour);
}

async function decideAll(deps: DecidePlacementDeps, lists: readonly string[], decidedAtMs: number): Promise<readonly Decision[]> {
	const partitions = await deps.store.readLists(lists);
	const [known, { records, freeze }] = await Promise.all([
		deps.store.readPartitions(partitions),
		deps.metadata.readManyAndFreeze(partitions),
	]);
	const { regions, rttMs, policy } = deps;
	const tablesOf = createSetTables(rttMs);
	const choose = (partition: PartitionId, settings: PlacementSettings): Chosen => {
		const { vectors = [], outlook } = known.get(partition) ?? {};
		const input = { partition, decidedAtMs, record: records.get(partition), vectors, regions, freeze, rttMs, settings };
		if (policy.maxCopies > 1) return chooseReplicas({ ...input, outlook, replicas: policy, tablesOf });
		if (policy.follow === "hours") return chooseByHours({ ...input, outlook });
		const decision = choosePlacement(input);
		return { decision, targets: targetsOf(input, decision) };
	};
	const candidates = partitions.map((partition) => choose(partition, deps.settings));
	return (await grantAll(deps, candidates, choose)).map(named);
}

type Chosen = Omit<Candidate, "bytes">;

/**
 * Nothing is read for it unless something wants to move. What wants to is chosen once more, charged what its own move costs: the charge only grows, so that nothing else
 * begins to.
 */
async function grantAll(
	deps: DecidePlacementDeps,
	candidates: readonly Chosen[],
	choose: (partition: PartitionId, settings: PlacementSettings) => Chosen,
): Promise<readonly Decision[]> {
	const { metadata, states, policy } = deps;
	const moving = candidates.flatMap(({ decision }) => (decision.verdict === "move" ? [decision.partition] : []));
	if (moving.length === 0) return candidates.map(({ decision }) => decision);
	const limits = await readLimits(metadata, policy);
	const sizes = await readSizes(states, moving, policy);
	return grantMoves(
		candidates.map((candidate) => {
			const size = sizes.get(candidate.decision.partition);
			const settings = size && settingsWithMoney(deps, candidate.decision, size);
			return { ...(settings === undefined ? candidate : choose(candidate.decision.partition, settings)), bytes: size?.bytes ?? 0 };
		}),
		limits,
	);
}

/** What the decision's own move is charged, where the policy says what a ms is worth. */
function settingsWithMoney(
	{ controlRegion, settings, policy: { usdPerMillionMs, prices: own } }: DecidePlacementDeps,
	{ source, target }: Decision,
	size: Size,
): PlacementSettings | undefined {
	if (usdPerMillionMs === undefined || source === undefined || target === undefined) return undefined;
	const prices = pricesOf(own);
	return { ...settings, moveCostMs: settings.moveCostMs + ownMoveCostMs({ size, controlRegion, source, target, usdPerMillionMs, prices }) };
}

/** A move's migration is named by partition and epoch, so that starting it twice starts one. */
const named = (decision: Decision): Decision =>
	decision.verdict === "move" && decision.epoch !== undefined
		? { ...decision, migrationId: migrationIdOf(decision.partition, decision.epoch) }
		: decision;

function moveOf(decision: Decision): readonly Move[] {
	const { verdict, migrationId, partition, epoch, source, target, decisionId } = decision;
	if (verdict !== "move" || migrationId === undefined || epoch === undefined || source === undefined || target === undefined) return [];
	return [{ migrationId, partition, epoch, actions: [...(decision.actions ?? moveActions(source, target))], decisionId }];
}
