import { executionName, executionNumberOf } from "#domain/migration/execution-name.ts";
import { MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { MigrationExecutions } from "#domain/ports/migration-executions.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import { OperatingError } from "#domain/shared/errors.ts";

export interface StartDeps {
	readonly executions: MigrationExecutions;
	readonly migrations: Pick<MigrationStore, "read">;
}

/** Executions of one migration that end without ever holding the partition. More than this is no accident, and a person has to look. */
const MAX_ATTEMPTS = 100;

/** Every attempt at a migration has ended without a claim. */
export class AttemptsUsedUpError extends OperatingError {
	override name = "AttemptsUsedUpError";
	constructor(migrationId: string) {
		super(`${MAX_ATTEMPTS} executions of ${migrationId} have ended without claiming the partition`, {
			code: "migration.attempts-used-up",
			retryable: false,
			details: { migrationId },
		});
	}
}

/**
 * Starts a migration under the first name that is free, provided that none is under way: no execution of it runs, and no record says
 * that one has held the partition or is about to. Two starters at once try the same names in the same order, so one of them starts.
 *
 * @throws UnavailableError when the outcome is unknown; AttemptsUsedUpError
 */
export async function startMigration(
	{ executions, migrations }: StartDeps,
	request: MigrationRequest,
): Promise<"started" | "already-started"> {
	const { migrationId } = request;
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const name = executionName(migrationId, attempt);
		if ((await executions.startAs(name, attempt === 0 ? request : { ...request, attempt })) === "started") return "started";
		if ((await executions.stateOf(name)) === "running") return "already-started";
		// Read after the execution was seen ended: what it has recorded is there.
		const record = await migrations.read(migrationId);
		if (record === undefined) continue;
		if (record.state !== MigrationState.Failed) return "already-started";
		attempt = Math.max(attempt, executionNumberOf(record));
	}
	throw new AttemptsUsedUpError(migrationId);
}
