import { amendRecord } from "#domain/migration/amend-record.ts";
import { executionNameOf } from "#domain/migration/execution-name.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MigrationExecutions } from "#domain/ports/migration-executions.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";

export interface ReconcileDeps {
	readonly migrations: MigrationStore;
	readonly executions: MigrationExecutions;
	readonly clock: Pick<Clock, "nowMs">;
}

/** How many migrations are open, the names of the executions started for those that nobody was running, and those that do not get on. */
export interface ReconcileReport {
	readonly open: number;
	readonly restarted: readonly string[];
	readonly stuck: readonly StuckMigration[];
}

/** A migration whose executions keep ending without finishing it. It is never given up, but somebody has to look. */
export type StuckMigration = Pick<MigrationRecord, "migrationId" | "partition" | "stage" | "restarts"> &
	NonNullable<MigrationRecord["recovery"]>;

/** Restarts after failed executions from which on a migration counts as stuck: two may be the same bad hour. */
const STUCK_FAILURES = 3;
/** After the first failed restart; doubles with each. Below an hour, so that the next hourly run is not missed by a moment. */
const BASE_SPACING_MS = 50 * 60_000;
const MAX_SPACING_MS = 24 * 3_600_000;

/** How long an execution that recovery started must lie back before the next one, after so many failed ones: 0, 50 min, 100 min, ... a day. */
export const spacingMs = (failures: number): number =>
	failures === 0 ? 0 : Math.min(BASE_SPACING_MS * 2 ** (failures - 1), MAX_SPACING_MS);

const PAGE = 100;

/**
 * Starts a new execution for every open migration whose own has ended: at once where it was stopped from outside or lost, and by
 * `spacingMs` where it keeps failing. A record exists before its claim, so every claimed partition is found here; with nothing open this
 * is one query.
 */
export async function reconcileMigrations(deps: ReconcileDeps): Promise<ReconcileReport> {
	const restarted: string[] = [];
	const stuck: StuckMigration[] = [];
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
			const found = await restartIfDead(deps, record);
			if (found?.started !== undefined) restarted.push(found.started);
			if (found?.stuck !== undefined) stuck.push(found.stuck);
		}
		cursor = page.cursor;
	} while (cursor !== undefined);
	return { open, restarted, stuck };
}

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

interface Found {
	/** The name of the execution started. */
	readonly started?: string;
	readonly stuck?: StuckMigration;
}

async function restartIfDead({ migrations, executions, clock }: ReconcileDeps, listed: MigrationRecord): Promise<Found | undefined> {
	const state = await executions.stateOf(executionNameOf(listed));
	if (state === "running") return undefined;
	// The list may lag: read what the record says now, and leave it to whoever has restarted it meanwhile.
	const record = await migrations.read(listed.migrationId);
	if (record?.state !== MigrationState.Running || executionNameOf(record) !== executionNameOf(listed)) return undefined;
	const nowMs = clock.nowMs();
	const failed = state === "ended";
	const early = failed && record.recovery !== undefined && nowMs < Date.parse(record.recovery.nextRestartAt);
	if (early) return stuckIn(record);
	const failures = (record.recovery?.failures ?? 0) + (failed ? 1 : 0);
	const cause = failed ? await executions.causeOf?.(executionNameOf(record)) : undefined;
	const recovery = {
		restartedAt: iso(nowMs),
		failures,
		...(cause === undefined ? {} : { cause }),
		nextRestartAt: iso(nowMs + spacingMs(failures)),
	};
	const next = await amendRecord({ migrations }, record, (current) => ({ ...current, restarts: record.restarts + 1, recovery }));
	if (next.state !== MigrationState.Running) return undefined;
	const name = executionNameOf(next);
	const outcome = await executions.startAs(name, requestOf(next));
	return { ...stuckIn(next), ...(outcome === "started" ? { started: name } : {}) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function stuckIn({ migrationId, partition, stage, restarts, recovery }: MigrationRecord): Found {
	if (recovery === undefined || recovery.failures < STUCK_FAILURES) return {};
	return { stuck: { migrationId, partition, stage, restarts, ...recovery } };
}
