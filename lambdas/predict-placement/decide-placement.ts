import type { RegionId } from "#domain/geography/region-id.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { applyMoveBudget } from "#domain/placement/budget.ts";
import { choosePlacement } from "#domain/placement/choose-placement.ts";
import type { Decision } from "#domain/placement/decision.ts";
import type { RoundTripTimeMs } from "#domain/placement/expected-cost.ts";
import type { PlacementSettings } from "#domain/placement/settings.ts";
import type { DecisionStore } from "#domain/ports/decision-store.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { PartitionRecords } from "#domain/ports/partition-records.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { type DecideResult, decideInputSchema, type Move } from "#lambdas/predict-placement/payloads.ts";

export interface DecidePlacementDeps {
	readonly store: PredictionStore;
	readonly records: PartitionRecords;
	readonly metadata: Pick<MetadataStore, "readFreeze">;
	readonly decisions: DecisionStore;
	readonly regions: readonly RegionId[];
	readonly rttMs: RoundTripTimeMs;
	readonly settings: PlacementSettings;
}

/**
 * Decides for every partition forecast in this run, records each decision, and only then marks the run's counts as done.
 * Repeating it takes the same decisions, unless metadata has changed, and names the same migrations.
 */
export async function decidePlacement(deps: DecidePlacementDeps, input: unknown): Promise<DecideResult> {
	const { scheduledTime, throughHour, forecasts } = decideInputSchema.parse(input);
	const decidedAtMs = Date.parse(scheduledTime);
	const decisions = await decideAll(
		deps,
		forecasts.flatMap(({ lists }) => lists),
		decidedAtMs,
	);
	await deps.decisions.writeAll(decisions);
	// false: the lease ran out and another run has taken over; it takes the same hours again, and the moves are named the same
	await deps.store.completeRun(scheduledTime, { throughHour, dueThroughHour: hourOf(decidedAtMs) });
	const moves = decisions.flatMap(moveOf);
	return { scheduledTime, considered: decisions.length, moving: moves.length, moves };
}

async function decideAll(deps: DecidePlacementDeps, lists: readonly string[], decidedAtMs: number): Promise<readonly Decision[]> {
	const partitions = await deps.store.readLists(lists);
	const [known, records, freeze] = await Promise.all([
		deps.store.readPartitions(partitions),
		deps.records.readMany(partitions),
		deps.metadata.readFreeze(),
	]);
	const { regions, rttMs, settings } = deps;
	const decisions = partitions.map((partition) => {
		const vectors = known.get(partition)?.vectors ?? [];
		return choosePlacement({ partition, decidedAtMs, record: records.get(partition), vectors, regions, freeze, rttMs, settings });
	});
	return applyMoveBudget(decisions, settings.maxMovesPerRun).map(named);
}

/** A move's migration is named by partition and epoch, so that starting it twice starts one. */
const named = (decision: Decision): Decision =>
	decision.verdict === "move" && decision.epoch !== undefined
		? { ...decision, migrationId: migrationIdOf(decision.partition, decision.epoch) }
		: decision;

function moveOf({ verdict, migrationId, partition, epoch, source, target, decisionId }: Decision): readonly Move[] {
	if (verdict !== "move" || migrationId === undefined || epoch === undefined || source === undefined || target === undefined) return [];
	return [{ migrationId, partition, epoch, source, target, decisionId }];
}
