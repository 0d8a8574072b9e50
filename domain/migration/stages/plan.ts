import { amendRecord, closed, endOf, withRun } from "#domain/migration/amend-record.ts";
import { changed } from "#domain/migration/change-partition.ts";
import { closeUnclaimed } from "#domain/migration/close-unclaimed.ts";
import { MigrationConflictError, MigrationRefusedError } from "#domain/migration/errors.ts";
import { executionNumberOf } from "#domain/migration/execution-name.ts";
import { createMigrationPlan } from "#domain/migration/plan.ts";
import { knowledgeOf } from "#domain/migration/plan-knowledge.ts";
import { type MigrationPlan, SyncStrategy } from "#domain/migration/plan-schema.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { StageDeps, StageOutput } from "#domain/migration/stage-context.ts";
import { Stage } from "#domain/migration/stages.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

const MAX_ATTEMPTS = 10;

/** What one look at record and partition came to; `again`: somebody changed one of them meanwhile. */
type Look = StageOutput | "again";

/**
 * Makes the plan, records it and claims the partition: phase active at the request's epoch, or nothing. The record comes first, so
 * that recovery finds every claim.
 *
 * @throws MigrationRefusedError when there is no plan to make; MigrationConflictError when the claim is lost
 */
export async function planMigration(deps: StageDeps, request: MigrationRequest): Promise<StageOutput> {
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const output = await claimOnce(deps, request);
		if (output !== "again") return output;
	}
	throw new UnavailableError("the partition's record keeps changing", { code: "migration.contended" });
}

async function claimOnce(deps: StageDeps, request: MigrationRequest): Promise<Look> {
	const startedAtMs = deps.clock.nowMs();
	// In this order: what `closeUnclaimed` promises builds on it.
	const partition = await deps.metadata.readControl(request.partition);
	const known = await deps.migrations.read(request.migrationId);
	if (known !== undefined && known.state !== MigrationState.Running && !beginsAgain(known, request)) return endedAlready(deps, known);
	if (partition === undefined) throw new MigrationRefusedError("migration.partition-unknown", `there is no partition ${request.partition}`);
	const open = known?.state === MigrationState.Running ? known : undefined;
	if (open !== undefined && partition.migrationId === request.migrationId) return shapeOf(open.plan);
	if (partition.phase !== Phase.Active || partition.epoch !== request.epoch) return leave(deps, request, known, partition);
	const record = await recordPlan(deps, request, known, partition, startedAtMs);
	if (record === "again") return "again";
	const claim = await deps.metadata.replace(
		changed(partition, { phase: Phase.Migrating, migrationId: request.migrationId }, deps.clock.nowMs()),
	);
	if (claim.kind === "conflict" && claim.current?.migrationId !== request.migrationId) return "again";
	return shapeOf(record.plan);
}

const shapeOf = (plan: MigrationPlan): StageOutput => ({ outcome: plan.sync === SyncStrategy.None ? "remove-only" : "move" });

/** Whether this execution was started after all those that the record knows had failed: then the record is written afresh. */
const beginsAgain = (known: MigrationRecord, { attempt = 0 }: MigrationRequest): boolean =>
	known.state === MigrationState.Failed && attempt > executionNumberOf(known);

async function endedAlready(deps: StageDeps, known: MigrationRecord): Promise<Look> {
	// Whoever closed it may have died before it forbade the claim.
	const claimed = known.state === MigrationState.Failed && (await closeUnclaimed(deps, known, undefined)) === "claimed";
	return claimed ? "again" : { outcome: "ended" };
}

async function recordPlan(
	deps: StageDeps,
	request: MigrationRequest,
	known: MigrationRecord | undefined,
	partition: PartitionRecord,
	startedAtMs: number,
): Promise<MigrationRecord | "again"> {
	const { regions, settings } = deps;
	const open = known?.state === MigrationState.Running ? known : undefined;
	const freeze = await deps.metadata.readFreeze();
	// A plan that stands is only checked: what is known by now does not change it.
	const knowledge = open === undefined ? await knowledgeOf(deps, partition) : {};
	const made = createMigrationPlan({ request, record: partition, freeze, regions, settings, ...knowledge });
	if (made.kind === "refused") {
		if (open !== undefined && (await closeUnclaimed(deps, open, made.reason)) === "claimed") return "again";
		throw new MigrationRefusedError(made.code, made.reason);
	}
	if (open !== undefined) return open;
	const run = { stage: Stage.Plan, startedAtMs, endedAtMs: deps.clock.nowMs(), outcome: "claiming" };
	const record = withRun(newRecord(request, made.plan, startedAtMs), run);
	const outcome = await (known === undefined
		? deps.migrations.create(record)
		: deps.migrations.update({ ...record, version: known.version + 1 }));
	return outcome.kind === "written" ? outcome.record : "again";
}

/** The partition is not, or no longer, for this migration: says how it ended if it has ever begun. */
async function leave(
	deps: StageDeps,
	request: MigrationRequest,
	known: MigrationRecord | undefined,
	partition: PartitionRecord,
): Promise<Look> {
	const reason = `${request.partition} is ${partition.phase} at epoch ${partition.epoch}, not active at ${request.epoch}`;
	if (known?.state === MigrationState.Running) {
		const state = endOf(known);
		if (state !== MigrationState.Failed) {
			await amendRecord(deps, known, (current) => closed(current, state, deps.clock.nowMs()));
			return { outcome: "ended" };
		}
		if ((await closeUnclaimed(deps, known, reason)) === "claimed") return "again";
	}
	throw new MigrationConflictError(reason, { partition: request.partition, migrationId: request.migrationId });
}

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
		...(request.attempt === undefined ? {} : { attempt: request.attempt }),
		restarts: 0,
		version: 1,
	};
}
