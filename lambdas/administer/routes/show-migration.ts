import * as z from "zod";
import type { ExecutionView } from "#adapters/step-functions/execution-reader.ts";
import { executionName, executionNumberOf } from "#domain/migration/execution-name.ts";
import { progressOf } from "#domain/migration/progress.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { Stage } from "#domain/migration/stages.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters } from "#lambdas/administer/router.ts";

/** The ids of migrations; nothing else is looked up. */
const MIGRATION_ID = /^[A-Za-z0-9_-]{1,76}$/;

/**
 * `GET migrations/{id}`: the whole record, its progress with per cent and time left. A migration that has been started and has not claimed its partition has no record yet: then
 * its latest execution answers, so that whoever got a 202 never meets a 404, and learns why a claim was refused.
 */
export async function showMigration(ports: AdminPorts, _request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const { migrationId = "" } = parameters;
	const record = await ports.migrations.read(migrationId);
	if (record !== undefined && record.state !== MigrationState.Failed)
		return answer(200, { ...record, progress: progressOf(record, ports.clock.nowMs()) });
	// A record that failed without a claim is written afresh by the next execution, which may not have come that far.
	const from = record === undefined ? 0 : executionNumberOf(record) + 1;
	const execution = MIGRATION_ID.test(migrationId) ? await latestExecution(ports, migrationId, from) : undefined;
	if (execution !== undefined) return answer(200, unclaimed(migrationId, execution));
	if (record !== undefined) return answer(200, record);
	throw new AdminProblem(404, "migration.unknown", `there is no migration ${migrationId.slice(0, 80)}`);
}

async function latestExecution({ findExecution }: AdminPorts, migrationId: string, from: number): Promise<ExecutionView | undefined> {
	let latest: ExecutionView | undefined;
	for (let number = from; ; number += 1) {
		const execution = await findExecution(executionName(migrationId, number));
		if (execution === undefined) return latest;
		latest = execution;
	}
}

const inputSchema = z
	.object({ partition: z.string(), epoch: z.number(), attempt: z.number(), actions: z.array(z.unknown()), requestedBy: z.string() })
	.partial();

function unclaimed(migrationId: string, { running, input, startedAt, endedAt, failure }: ExecutionView): Record<string, unknown> {
	return {
		migrationId,
		...inputSchema.parse(JSON.parse(input)),
		state: running ? MigrationState.Running : MigrationState.Failed,
		stage: Stage.Plan,
		startedAt,
		...(endedAt === undefined ? {} : { endedAt }),
		...(running ? {} : { reason: failure ?? "the execution ended without claiming the partition" }),
	};
}
