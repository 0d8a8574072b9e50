import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { expectedSaving } from "#domain/migration/expected-saving.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { createMigrationPlan } from "#domain/migration/plan.ts";
import { knowledgeOf } from "#domain/migration/plan-knowledge.ts";
import { canaryStepsSchema, type MigrationPlan, planActionSchema } from "#domain/migration/plan-schema.ts";
import { type MigrationRequest, moveActions, type PlanAction } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { findRecord } from "#lambdas/administer/find-record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters } from "#lambdas/administer/router.ts";

const MAX_SOAK_SECONDS = 86_400;

const optionsShape = {
	soakSeconds: z.number().min(0).max(MAX_SOAK_SECONDS).optional(),
	canary: canaryStepsSchema.optional(),
	/** Answers the plan and starts nothing. */
	dryRun: z.boolean().optional(),
};
const bodySchema = z.union([
	z.strictObject({ target: regionSchema, keepSource: z.boolean().optional(), ...optionsShape }),
	z.strictObject({ actions: z.array(planActionSchema).min(1).max(12), ...optionsShape }),
]);
type MigrationBody = z.infer<typeof bodySchema>;

/** `POST partitions/{partition}/migrations`: 202 with the migration's id, or 200 with the plan for a dry run. */
export async function startMigration(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const body = parseBody(request, bodySchema);
	const record = await findRecord(ports, parameters);
	const wanted = requestOf(record, body);
	if (body.dryRun === true) return answer(200, await dryRun(ports, record, wanted));
	await planOf(ports, record, wanted);
	if (record.phase !== Phase.Active) throw underWay(record, record.migrationId);
	const outcome = await ports.startMigration.start(wanted);
	if (outcome === "already-started") throw underWay(record, wanted.migrationId);
	const { migrationId } = wanted;
	return answer(202, { migrationId, partition: record.partition }, { location: `/admin/v1/migrations/${migrationId}` });
}

function requestOf(record: PartitionRecord, body: MigrationBody): MigrationRequest {
	return {
		migrationId: migrationIdOf(record.partition, record.epoch),
		partition: record.partition,
		epoch: record.epoch,
		actions: actionsOf(record, body),
		requestedBy: "operator",
		...(body.soakSeconds === undefined ? {} : { soakSeconds: body.soakSeconds }),
		...(body.canary === undefined ? {} : { canary: body.canary }),
	};
}

function actionsOf(record: PartitionRecord, body: MigrationBody): readonly PlanAction[] {
	if ("actions" in body) return body.actions;
	if (body.target === record.leader) throw new AdminProblem(422, "migration.invalid-plan", `${body.target} leads already`);
	const actions = moveActions(record.leader, body.target);
	return body.keepSource === true ? actions.filter((action) => !("removeFollower" in action)) : actions;
}

/** The plan with its cost, what it is built on, and what the forecast says it saves. */
async function dryRun(ports: AdminPorts, record: PartitionRecord, request: MigrationRequest): Promise<Record<string, unknown>> {
	const { planning, clock, predictions } = ports;
	const { partition } = record;
	const [knowledge, forecasts] = await Promise.all([knowledgeOf({ ...planning, clock }, record), predictions([partition])]);
	const vectors = forecasts.get(partition) ?? [];
	const plan = await planOf(ports, record, request, knowledge);
	const { rttMs } = planning;
	const saving = rttMs === undefined ? undefined : expectedSaving(vectors, record.leader, plan.replicas.leaderAfter, rttMs);
	return {
		dryRun: true,
		partition,
		plan,
		...(saving === undefined ? {} : { saving }),
		...(knowledge.state === undefined ? {} : { state: knowledge.state }),
	};
}

/** The plan that the Plan stage would make now. @throws AdminProblem 409 when frozen or excluded, 422 when it makes no sense */
async function planOf(
	ports: AdminPorts,
	record: PartitionRecord,
	request: MigrationRequest,
	knowledge: Awaited<ReturnType<typeof knowledgeOf>> = {},
): Promise<MigrationPlan> {
	const freeze = await ports.metadata.readFreeze();
	const outcome = createMigrationPlan({ request, record, freeze, regions: ports.regions, settings: MIGRATION_SETTINGS, ...knowledge });
	if (outcome.kind === "planned") return outcome.plan;
	throw new AdminProblem(outcome.code === "migration.invalid-plan" ? 422 : 409, outcome.code, outcome.reason);
}

const underWay = (record: PartitionRecord, migrationId: string | undefined): AdminProblem =>
	new AdminProblem(409, "migration.under-way", `a migration of ${record.partition} is under way`, { migrationId });
