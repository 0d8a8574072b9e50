import { amendRecord, closed } from "#domain/migration/amend-record.ts";
import { forbidClaim } from "#domain/migration/change-partition.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

type Deps = Pick<StageDeps, "migrations" | "metadata" | "clock">;

const MAX_ATTEMPTS = 10;

/**
 * Closes the record of a migration that does not hold its partition as failed. The record first, then a new version of the partition's
 * record: a Plan that still runs somewhere reads them in the other order, so it sees the one or is refused by the other. Doing it again
 * for a closed record is harmless, and makes up for a run that died in between.
 *
 * @returns `claimed` when a Plan was faster after all; the record is open again then
 */
export async function closeUnclaimed(deps: Deps, record: MigrationRecord, reason: string | undefined): Promise<"closed" | "claimed"> {
	let current = await amendRecord(deps, record, (now) => closed(now, MigrationState.Failed, deps.clock.nowMs(), reason));
	if (current.state !== MigrationState.Failed || (await forbidClaim(deps, current)) === "forbidden") return "closed";
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const { endedAt: _, reason: __, ...open } = current;
		const outcome = await deps.migrations.update({ ...open, state: MigrationState.Running, version: current.version + 1 });
		const now = outcome.kind === "written" ? outcome.record : outcome.current;
		if (now === undefined || now.state !== MigrationState.Failed) return "claimed";
		current = now;
	}
	throw new UnavailableError("the migration record keeps changing", { code: "migration.contended" });
}
