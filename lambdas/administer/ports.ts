import type { ExecutionView } from "#adapters/step-functions/execution-reader.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { PlanSources } from "#domain/migration/plan-knowledge.ts";
import type { PromotionOutcome } from "#domain/migration/promotion/promote.ts";
import type { PromotionRequest } from "#domain/migration/promotion/promotion.ts";
import type { ReclaimOutcome, ReclaimRequest } from "#domain/migration/promotion/reclaim.ts";
import type { ReturnReport } from "#domain/migration/promotion/return-copies.ts";
import type { ReconcileReport } from "#domain/migration/reconcile.ts";
import type { FindReport } from "#domain/orphans/find-orphans.ts";
import type { Orphan } from "#domain/orphans/orphan.ts";
import type { RemovalOutcome } from "#domain/orphans/remove-orphan.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { SweepReport } from "#domain/partition/sweep-parked.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { CursorKeyRing } from "#domain/ports/cursor-keys.ts";
import type { DataPlaneDirectory } from "#domain/ports/data-plane-directory.ts";
import type { EventStore } from "#domain/ports/event-store.ts";
import type { LostWrites } from "#domain/ports/lost-writes.ts";
import type { MetadataChanges } from "#domain/ports/metadata-changes.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { MigrationStarter } from "#domain/ports/migration-starter.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { ModelRegistry } from "#domain/ports/model-registry.ts";
import type { OrphanStore } from "#domain/ports/orphan-store.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** The decision records, as far as an operator reads them. */
export interface DecisionReader {
	/** Newest first. */
	list(partition: PartitionId, page: { readonly cursor?: string; readonly limit: number }): Promise<DecisionPage>;
	/** Over all partitions; may lag behind by a moment. */
	count(): Promise<number>;
}

export interface DecisionPage {
	readonly decisions: readonly unknown[];
	/** Pass it to go on; absent at the end. */
	readonly cursor?: string;
}

/** The latest forecasts of a partition, one a window, shortest window first; empty before the first. */
export type PredictionReader = (partitions: readonly PartitionId[]) => Promise<ReadonlyMap<PartitionId, readonly PredictionVector[]>>;

/** Starts a run of the predict state machine for a planned time (ISO 8601); gives the execution's ARN. */
export type PredictionStarter = (scheduledTime: string) => Promise<string>;

/** How a region's data table answers one read. */
export type RegionHealth = { readonly reachable: true; readonly answerMs: number } | { readonly reachable: false };

/** Copies that no record explains; each piece of work is as long as a request may take. */
export interface OrphanAdmin {
	readonly store: Pick<OrphanStore, "readWalks" | "list">;
	scan(): Promise<FindReport>;
	remove(orphan: Pick<Orphan, "region" | "partition">): Promise<RemovalOutcome>;
}

/** Promotion after the loss of a region, and its return; each call works as long as a request may take. */
export interface PromotionAdmin {
	promote(partition: PartitionId, request: PromotionRequest): Promise<PromotionOutcome>;
	reclaim(partition: PartitionId, request: ReclaimRequest): Promise<ReclaimOutcome>;
}

/** Everything the admin API works with. */
/** What one run of recovery has done: for migrations, for copies that promotions left behind, and for keys that copies have missed. */
export interface RecoveryReport extends ReconcileReport {
	readonly returned: ReturnReport;
	readonly parked: SweepReport;
}

export interface AdminPorts {
	readonly metadata: MetadataStore;
	readonly changes: Pick<MetadataChanges, "read" | "head">;
	readonly migrations: MigrationStore;
	readonly decisions: DecisionReader;
	readonly predictions: PredictionReader;
	readonly events: EventStore;
	readonly counts: Pick<AccessCounts, "reportedShards" | "readHour">;
	/** The share of partitions that are never moved for a saving. */
	readonly holdoutShare: number;
	readonly models: Pick<ModelRegistry, "readInUse" | "list">;
	readonly startMigration: MigrationStarter;
	readonly startPrediction: PredictionStarter;
	/** The migrate execution of this name; undefined when there has never been one. */
	readonly findExecution: (migrationId: string) => Promise<ExecutionView | undefined>;
	/** One run of recovery, as its schedule would start it, in the time of a request: the next one goes on. */
	readonly recover: () => Promise<RecoveryReport>;
	readonly probeRegion: (region: RegionId) => Promise<RegionHealth>;
	readonly orphans: OrphanAdmin;
	readonly promotions: PromotionAdmin;
	/** What the Plan stage builds a plan on. */
	readonly planning: Omit<PlanSources, "clock">;
	readonly cursorKeys: Omit<CursorKeyRing, "keys">;
	/** What is kept of each region that promotions have given up. */
	readonly lostWrites: (region: RegionId) => Pick<LostWrites, "list" | "read" | "forget">;
	readonly clock: Clock;
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly dataPlanes: Pick<DataPlaneDirectory, "all">;
}
