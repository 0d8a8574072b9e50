import { MigrationConflictError } from "#domain/migration/errors.ts";
import { HISTORY_LIMIT, type MigrationRecord, MigrationState, type StageRun } from "#domain/migration/record.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";

/** Other writers of a record: a second executor, an operator's request. */
const MAX_ATTEMPTS = 10;

/**
 * Applies `change` to the newest version of a record; begins with `known`, so that the usual case is one write. A record that has been
 * closed stays as it is.
 *
 * @returns the record as it is now
 */
export async function amendRecord(
	deps: Pick<StageDeps, "migrations">,
	known: MigrationRecord,
	change: (record: MigrationRecord) => MigrationRecord,
): Promise<MigrationRecord> {
	let current = known;
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		if (current.state !== MigrationState.Running) return current;
		const outcome = await deps.migrations.update({ ...change(current), version: current.version + 1 });
		if (outcome.kind === "written") return outcome.record;
		if (outcome.current === undefined) throw new MigrationConflictError("the migration record has vanished");
		current = outcome.current;
	}
	throw new MigrationConflictError("the migration record keeps changing");
}

/** The record with one more run of a stage. */
export const withRun = ({ lastError: _, ...record }: MigrationRecord, run: StageRun): MigrationRecord => ({
	...record,
	stage: run.stage,
	history: [...record.history, run].slice(-HISTORY_LIMIT),
});

/** The record with its end. */
export const closed = (record: MigrationRecord, state: MigrationState, nowMs: number, reason?: string): MigrationRecord => ({
	...record,
	state,
	endedAt: new Date(nowMs).toISOString(),
	...(reason === undefined || record.reason !== undefined ? {} : { reason }),
});

/** How a migration ended that holds its partition no longer, but died before it could say so. */
export function endOf(record: Pick<MigrationRecord, "rollingBack" | "decision">): MigrationState {
	if (record.rollingBack === true) return MigrationState.RolledBack;
	if (record.decision === undefined) return MigrationState.Failed;
	return record.decision === "committed" ? MigrationState.Completed : MigrationState.Cancelled;
}
