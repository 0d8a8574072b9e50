import { amendRecord } from "#domain/migration/amend-record.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { MigrationExecutions } from "#domain/ports/migration-executions.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";

export interface ReconcileDeps {
	readonly migrations: MigrationStore;
	readonly executions: MigrationExecutions;
}

/** How many migrations are open, and the names of the executions started for those that nobody was running. */
export interface ReconcileReport {
	readonly open: number;
	readonly restarted: readonly string[];
}

const PAGE = 100;

/**
 * Starts a new execution for every open migration whose own has ended. A record exists before its claim, so every claimed partition is
 * found here; with nothing open this is one query.
 */
export async function reconcileMigrations(deps: ReconcileDeps): Promise<ReconcileReport> {
	const restarted: string[] = [];
	let open = 0;
	let cursor: string | undefined;
	do {
		const page = await deps.migrations.list({
			state: MigrationState.Running,
			limit: PAGE,
			...(cursor === undefined ? {} : { cursor }),
		});
		open += page.migrations.length;
		for (const record of page.migrations) {
			const name = await restartIfDead(deps, record);
			if (name !== undefined) restarted.push(name);
		}
		cursor = page.cursor;
	} while (cursor !== undefined);
	return { open, restarted };
}

/** The name of the execution that runs, or ran last, for a migration: a name is never free again, so each restart takes the next one. */
export const executionNameOf = ({ migrationId, restarts }: Pick<MigrationRecord, "migrationId" | "restarts">): string =>
	restarts === 0 ? migrationId : `${migrationId}-r${restarts}`;

/** The request that a record came from. */
export const requestOf = (record: MigrationRecord): MigrationRequest => ({
	migrationId: record.migrationId,
	partition: record.partition,
	epoch: record.epoch,
	actions: record.actions,
	requestedBy: record.requestedBy,
	...(record.decisionId === undefined ? {} : { decisionId: record.decisionId }),
	soakSeconds: record.plan.soakSeconds,
	canary: record.plan.traffic.steps,
});

async function restartIfDead({ migrations, executions }: ReconcileDeps, listed: MigrationRecord): Promise<string | undefined> {
	if (await executions.isRunning(executionNameOf(listed))) return undefined;
	// The list may lag: read what the record says now, and leave it to whoever has restarted it meanwhile.
	const record = await migrations.read(listed.migrationId);
	if (record === undefined || record.state !== MigrationState.Running || record.restarts !== listed.restarts) return undefined;
	const next = await amendRecord({ migrations }, record, (current) => ({ ...current, restarts: record.restarts + 1 }));
	if (next.state !== MigrationState.Running) return undefined;
	const name = executionNameOf(next);
	return (await executions.startAs(name, requestOf(next))) === "started" ? name : undefined;
}
