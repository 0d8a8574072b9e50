import { amendRecord, closed, endOf, withRun } from "#domain/migration/amend-record.ts";
import { changed } from "#domain/migration/change-partition.ts";
import { MigrationConflictError, MigrationRefusedError } from "#domain/migration/errors.ts";
import { createMigrationPlan } from "#domain/migration/plan.ts";
import { type MigrationPlan, SyncStrategy } from "#domain/migration/plan-schema.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { StageDeps, StageOutput } from "#domain/migration/stage-context.ts";
import { Stage } from "#domain/migration/stages.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";

/**
 * Makes the plan, records it and claims the partition: phase active at the request's epoch, or nothing. The record comes first, so
 * that recovery finds every claim.
 *
 * @throws MigrationRefusedError when there is no plan to make; MigrationConflictError when the claim is lost
 */
export async function planMigration(deps: StageDeps, request: MigrationRequest): Promise<StageOutput> {
	const startedAtMs = deps.clock.nowMs();
	const [known, partition] = await Promise.all([deps.migrations.read(request.migrationId), deps.metadata.readControl(request.partition)]);
	if (known !== undefined && known.state !== MigrationState.Running) return { outcome: "ended" };
	if (partition === undefined) throw new MigrationRefusedError("migration.partition-unknown", `there is no partition ${request.partition}`);
	if (known !== undefined && partition.migrationId === request.migrationId) return shapeOf(known.plan);
	if (partition.phase !== Phase.Active || partition.epoch !== request.epoch) return leave(deps, request, known, partition);
	const record = await recordPlan(deps, request, known, partition, startedAtMs);
	const claim = await deps.metadata.replace(
		changed(partition, { phase: Phase.Migrating, migrationId: request.migrationId }, deps.clock.nowMs()),
	);
	if (claim.kind === "conflict" && claim.current?.migrationId !== request.migrationId) return leave(deps, request, record, claim.current);
	return shapeOf(record.plan);
}

const shapeOf = (plan: MigrationPlan): StageOutput => ({ outcome: plan.sync === SyncStrategy.None ? "remove-only" : "move" });

async function recordPlan(
	deps: StageDeps,
	request: MigrationRequest,
	known: MigrationRecord | undefined,
	partition: PartitionRecord,
	startedAtMs: number,
): Promise<MigrationRecord> {
	const { regions, settings } = deps;
	const made = createMigrationPlan({ request, record: partition, freeze: await deps.metadata.readFreeze(), regions, settings });
	if (made.kind === "refused") {
		if (known !== undefined) await close(deps, known, MigrationState.Failed, made.reason);
		throw new MigrationRefusedError(made.code, made.reason);
	}
	if (known !== undefined) return known;
	const record = newRecord(request, made.plan, startedAtMs);
	const created = await deps.migrations.create(
		withRun(record, { stage: Stage.Plan, startedAtMs, endedAtMs: deps.clock.nowMs(), outcome: "claiming" }),
	);
	if (created.kind === "written") return created.record;
	if (created.current?.state === MigrationState.Running) return created.current;
	throw new MigrationConflictError(`${request.migrationId} has ended already`);
}

/** The partition is not, or no longer, for this migration: says how it ended if it has ever begun. */
async function leave(
	deps: StageDeps,
	request: MigrationRequest,
	known: MigrationRecord | undefined,
	partition: PartitionRecord | undefined,
): Promise<StageOutput> {
	const reason = `${request.partition} is ${partition?.phase ?? "gone"} at epoch ${partition?.epoch ?? "?"}, not active at ${request.epoch}`;
	if (known !== undefined) {
		const state = endOf(known);
		await close(deps, known, state, state === MigrationState.Failed ? reason : undefined);
		if (state !== MigrationState.Failed) return { outcome: "ended" };
	}
	throw new MigrationConflictError(reason, { partition: request.partition, migrationId: request.migrationId });
}

const close = (deps: StageDeps, record: MigrationRecord, state: MigrationState, reason: string | undefined): Promise<MigrationRecord> =>
	amendRecord(deps, record, (current) => closed(current, state, deps.clock.nowMs(), reason));

function newRecord(request: MigrationRequest, plan: MigrationPlan, nowMs: number): MigrationRecord {
	const { leaderBefore } = plan.replicas;
	return {
		migrationId: request.migrationId,
		partition: request.partition,
		source: leaderBefore,
		target: plan.transfer ?? plan.joins[0] ?? plan.removals[0] ?? leaderBefore,
		epoch: request.epoch,
		actions: [...request.actions],
		plan,
		state: MigrationState.Running,
		stage: Stage.Plan,
		history: [],
		progress: { items: 0, bytes: 0, repairs: 0 },
		copied: {},
		requestedBy: request.requestedBy,
		...(request.decisionId === undefined ? {} : { decisionId: request.decisionId }),
		startedAt: new Date(nowMs).toISOString(),
		restarts: 0,
		version: 1,
	};
}
