import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import type { MigrationSettings } from "#domain/migration/settings.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { PartitionSize } from "#domain/partition-state/state.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { PartitionStates } from "#domain/ports/partition-states.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";

/** What the stages need from outside. */
export interface StageDeps {
	readonly stores: RegionalStores;
	readonly metadata: MetadataStore;
	readonly migrations: MigrationStore;
	readonly clock: Clock;
	/** The regions of the deployment. */
	readonly regions: readonly RegionId[];
	readonly settings: MigrationSettings;
	/** What telemetry knows; without it a canary step is judged by its time alone, and a soak by nobody. */
	readonly states?: Pick<PartitionStates, "read" | "readSize" | "writeSize">;
	/** Counts a copy, at a cost that does not grow with it beyond a bound; undefined where it is too large for that. */
	readonly measureCopy?: (region: RegionId, partition: PartitionId, buckets: number) => Promise<PartitionSize | undefined>;
	/** Told how long a cutover kept writers waiting, in ms by the clock: from the old leader's fence to the decision. @default nobody is told */
	readonly onPause?: (ms: number) => void;
	/** Round-trip time in ms between two regions; without it plans carry no cost. */
	readonly rttMs?: (from: RegionId, to: RegionId) => number;
	/** Where the stages run; together with `rttMs`. */
	readonly controlRegion?: RegionId;
}

/** What working on copies of a partition needs to know: who holds their fences, and how many buckets they have. */
export interface CopyContext {
	readonly stores: RegionalStores;
	readonly clock: Pick<Clock, "nowMs">;
	readonly partition: PartitionId;
	/** When this run has to hand over to the next one, by the clock. */
	readonly deadlineMs: number;
	readonly migration: { readonly migrationId: string; readonly plan: { readonly replicas: { readonly buckets: number } } };
}

/** One run of one stage: its dependencies and the record as it was read at the start. */
export interface StageContext extends StageDeps {
	readonly migration: MigrationRecord;
	readonly partition: PartitionId;
	/** The partition's record, claimed by this migration, as a closing stage found it at its start. */
	readonly found?: PartitionRecord;
	/** When this run has to hand over to the next one, by the clock. */
	readonly deadlineMs: number;
}

/** What the state machine chooses the next state by. */
export type StageOutput =
	| { readonly outcome: "done" }
	/** The same stage again, after `waitSeconds`. */
	| { readonly outcome: "again"; readonly waitSeconds: number }
	/** Plan: whether copies or leadership move, or copies are only removed. */
	| { readonly outcome: "move" | "remove-only" }
	/** Plan: an earlier execution has ended this migration. */
	| { readonly outcome: "ended" }
	/** CreateReplica, UpdateMetadata: go on after `waitSeconds`. */
	| { readonly outcome: "wait"; readonly waitSeconds: number }
	/** Soak: an operator asked to go back. */
	| { readonly outcome: "rollback" }
	/** Cancel: taken back, or found committed and only forward is left. */
	| { readonly outcome: "cancelled" | "committed" };

/** A stage's answer, and what it adds to the migration record (applied to the newest version of it). */
export interface StageResult {
	readonly output: StageOutput;
	readonly change?: (record: MigrationRecord) => MigrationRecord;
}

export const DONE: StageResult = { output: { outcome: "done" } };

/** The epoch of a committed or cancelled migration; a rollback ends one higher. */
export const nextEpoch = ({ migration }: Pick<StageContext, "migration">): number => migration.epoch + 1;

/** Seconds, rounded up to a whole one, until `atMs`; at least 1, because a Wait state takes whole seconds. */
export const secondsUntil = (clock: Clock, atMs: number): number => Math.max(1, Math.ceil((atMs - clock.nowMs()) / 1000));
