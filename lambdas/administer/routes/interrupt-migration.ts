import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import { Stage } from "#domain/migration/stages.ts";
import { AdminProblem, type AdminResponse, answer } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters } from "#lambdas/administer/router.ts";

/** The stages write the record too; losing this often in a row means that something is wrong. */
const ATTEMPTS = 10;

/** `POST migrations/{id}/cancel|rollback`: leaves the wish in the record, which the stages obey where it is still possible. */
export async function interruptMigration(
	{ migrations }: AdminPorts,
	{ migrationId = "" }: PathParameters,
	wish: "cancel" | "rollback",
): Promise<AdminResponse> {
	for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
		const record = await migrations.read(migrationId);
		if (record === undefined) throw new AdminProblem(404, "migration.unknown", `there is no migration ${migrationId}`);
		if (record.requested === wish && record.state === MigrationState.Running) return accepted(record, wish);
		const refusal = refuse(record, wish);
		if (refusal !== undefined) throw refusal;
		const outcome = await migrations.update({ ...record, requested: wish, version: record.version + 1 });
		if (outcome.kind === "written") return accepted(record, wish);
	}
	throw new AdminProblem(503, "migration.contended", "the record kept changing; nothing was asked for");
}

const accepted = ({ migrationId, stage }: MigrationRecord, requested: string): AdminResponse =>
	answer(202, { migrationId, requested, stage });

/** Stages from which there is no way back. */
const SETTLING: readonly Stage[] = [Stage.RemoveSource, Stage.Settle];

function refuse(record: MigrationRecord, wish: "cancel" | "rollback"): AdminProblem | undefined {
	if (record.state !== MigrationState.Running) {
		return new AdminProblem(409, "migration.ended", `the migration is ${record.state} since ${record.endedAt ?? "an unknown time"}`);
	}
	if (wish === "cancel" && record.decision === "committed") {
		return new AdminProblem(409, "migration.decided", "the new leader has been decided; ask for a rollback while it soaks");
	}
	if (wish === "rollback" && record.decision !== "committed") {
		return new AdminProblem(409, "migration.not-decided", "leadership has not moved yet; ask to cancel");
	}
	if (SETTLING.includes(record.stage)) {
		return new AdminProblem(409, "migration.settling", "the old copy is being removed; move the partition back with a new migration");
	}
	return undefined;
}
