import type { RegionId } from "#domain/geography/region-id.ts";
import type { CanaryStep } from "#domain/migration/request.ts";
import type { Stage } from "#domain/migration/stages.ts";
import type { Consistency } from "#domain/partition/consistency.ts";

/**
 * Everything that a run does and suffers, generated from a seed. It is plain data, so that a failing run can be run again with parts
 * taken away.
 */
export interface Scenario {
	readonly seed: number;
	/** The first is the control region. */
	readonly regions: readonly RegionId[];
	/** Index of the region that leads at first. */
	readonly leader: number;
	/** Indices of the first followers. */
	readonly followers: readonly number[];
	/** Indices of regions in which no copy may ever be. */
	readonly excluded: readonly number[];
	/** 1..4 */
	readonly buckets: number;
	/** Entries that one page of a list holds at most: a store may always return fewer than asked for. */
	readonly pageSize: number;
	/** Items that are there at the beginning. */
	readonly items: number;
	/** By region: how far its clocks are ahead. Within `MAX_SKEW_MS` of each other. */
	readonly skewMs: readonly number[];
	/** How much longer the ways between regions are than usual, from 1: a wide world makes every step of the engine slow. */
	readonly distance: number;
	/** What a change of the metadata takes to reach another region, at most. */
	readonly metadataDelayMs: number;
	/** Between two runs of recovery, at most. Real deployments run it hourly, and at once after a start. */
	readonly recoveryMs: number;
	/** Viewers of whom only telemetry is simulated: how they were served, which canaries are judged by. 0 switches telemetry off. */
	readonly crowd: number;
	/** A copy that no record explains stands in a free region from the beginning. */
	readonly stray: boolean;
	/** Between two walks for such copies; undefined: only at the end. */
	readonly walkMs?: number;
	readonly rates: Rates;
	readonly migrations: readonly PlannedMigration[];
	readonly events: readonly PlannedEvent[];
	readonly clients: readonly PlannedClient[];
}

/**
 * No two clocks differ by more. The quiesce has 3 s of margin for the difference between the clock that recorded the guarded fences and
 * the one that counts the wait, and for what a writer sent before it died: this, and a second on the way (`MAX_STRAGGLE_MS`).
 */
export const MAX_SKEW_MS = 1_000;

/** How long after its sender has been killed a request may still take effect. */
export const MAX_STRAGGLE_MS = 1_000;

/** Shares of calls (0..1) that go wrong in one way; zero switches a fault off. */
export interface Rates {
	/** Took effect, but nobody hears of it. */
	readonly lostAnswers: number;
	/** Throttled or in conflict with another transaction: took no effect. */
	readonly notApplied: number;
	/** Takes up to three seconds. */
	readonly slowCalls: number;
	/** Writes of a data plane, and puts of a stream's consumer, that are under way until a hard timeout. */
	readonly stuckWrites: number;
	/** Writes of a stage before or after which its invocation crashes. */
	readonly stageCrashes: number;
	/** Writes of a stage before which its invocation stands still, for up to two minutes. */
	readonly stagePauses: number;
	/** The same for fence changes alone, by which executions meet. */
	readonly fencePauses: number;
	/** Invocations of a stage that happen once more, at once or up to ten minutes later. */
	readonly duplicateStages: number;
	/** Batches of stream records that are delivered late, by up to five minutes. */
	readonly streamDelays: number;
	/** Batches that are delivered again although they were carried. */
	readonly streamDuplicates: number;
}

/** What a migration is to do; made into actions when it starts, from the replica set at that time. */
export const Move = {
	Classic: "classic",
	KeepSource: "keep-source",
	AddFollower: "add-follower",
	Transfer: "transfer",
	RemoveFollower: "remove-follower",
	/** Into a region that residency excludes: must be refused. */
	Excluded: "excluded",
	/** To a standing follower, a new copy beside it, the old leader removed. */
	Reshape: "reshape",
} as const;
export type Move = (typeof Move)[keyof typeof Move];

export interface PlannedMigration {
	readonly move: Move;
	/** Chooses among the regions that fit. */
	readonly choice: number;
	/** After the one before has ended, or after `patienceMs` if it does not end. */
	readonly gapMs: number;
	readonly patienceMs: number;
	/** The next one does not wait for executions that run on after this one has ended. */
	readonly eager?: boolean;
	readonly soakSeconds: number;
	readonly canary: readonly CanaryStep[];
}

/** What happens `delayMs` after a stage of a migration has begun for the first time. */
export interface PlannedEvent {
	/** Index of the planned migration. */
	readonly migration: number;
	readonly stage: Stage;
	readonly delayMs: number;
	readonly act: Act;
}

export type Act =
	| { readonly kind: "cancel" | "rollback" }
	| { readonly kind: "freeze"; readonly scope: "global" | "region" | "partition"; readonly region: number; readonly holdMs: number }
	/** The region reaches nobody and nobody reaches it. */
	| { readonly kind: "cut"; readonly region: number; readonly holdMs: number }
	/** The execution is taken for gone and succeeded, but runs on. */
	| { readonly kind: "zombie" }
	/** The execution is gone. */
	| { readonly kind: "die" }
	/** The stage's invocation stands still before its first change of fences. */
	| { readonly kind: "stall"; readonly ms: number }
	| PlannedLoss
	/** What the crowd asks of the region fails, for this share of its requests (0..1). */
	| { readonly kind: "sick"; readonly region: number | "target"; readonly share: number; readonly holdMs: number };

/** A region is lost, and somebody lets another lead meanwhile. */
export interface PlannedLoss {
	readonly kind: "lose";
	/** The leader of the moment, a region that is neither that nor the control region, or an index. */
	readonly region: number | "leader" | "bystander";
	/** Its clients do not reach it either. */
	readonly off: boolean;
	readonly holdMs: number;
	readonly promoteAfterMs: number;
	/** Chooses among the other regions. */
	readonly choice: number;
	/** Writes may be lost. */
	readonly force: boolean;
	/** Calls after which whoever promotes goes away. */
	readonly calls: number;
}

export interface PlannedClient {
	/** Index of the region it is near. */
	readonly near: number;
	/** What it asks of its reads. */
	readonly consistency: Consistency;
	readonly operations: readonly PlannedOperation[];
}

export const OperationKind = {
	Get: "get",
	Put: "put",
	/** `If-None-Match: *` */
	Create: "create",
	/** `If-Match` with the tag this client saw last. */
	Replace: "replace",
	Delete: "delete",
	List: "list",
	/** Several of the others, one after the other in one request. */
	Batch: "batch",
} as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

export interface PlannedOperation {
	/** From 1, unique in the scenario; what a put writes. */
	readonly id: number;
	readonly kind: OperationKind;
	readonly key: string;
	/** After the operation before it. */
	readonly gapMs: number;
	/** Waits until this stage of any migration begins, but no longer than `MAX_WAIT_MS`. */
	readonly stage?: Stage;
	/** Of a batch: gets, puts and deletes with the ids that follow on its own. */
	readonly parts?: readonly PlannedOperation[];
}
