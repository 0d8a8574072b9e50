import { describe, expect, it } from "vitest";
import { executionNameOf } from "#domain/migration/execution-name.ts";
import { type ReconcileDeps, reconcileMigrations, requestOf, spacingMs } from "#domain/migration/reconcile.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { logStuck } from "#lambdas/reconcile-migrations/log-stuck.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MigrationWorld } from "#test/simulation/migration/migration-world.ts";
import { MOVE, requestFor } from "#test/simulation/migration/scenarios.ts";
import { FakeExecutions } from "./fake-executions.ts";

const HOUR_MS = 3_600_000;

interface Claimed {
	readonly world: MigrationWorld;
	readonly executions: FakeExecutions;
	readonly request: MigrationRequest;
	readonly clock: ManualClock;
	readonly deps: ReconcileDeps;
}

/** A claimed migration whose first execution has ended as told. */
async function claimed(end: "ended" | "gone", attempt?: number): Promise<Claimed> {
	const world = new MigrationWorld(1);
	await world.settle([], ["a"]);
	const request = { ...requestFor(MOVE), ...(attempt === undefined ? {} : { attempt }) };
	await planMigration(
		world.deps(() => {}),
		request,
	);
	const executions = new FakeExecutions();
	executions.states.set(executionNameOf({ migrationId: request.migrationId, attempt, restarts: 0 }), end);
	const clock = new ManualClock();
	return { world, executions, request, clock, deps: { migrations: world.migrations, executions, clock } };
}

describe("reconcileMigrations", () => {
	it("starts a claimed migration that nobody runs, once, under the next name", async () => {
		const { deps, executions, request } = await claimed("ended");
		expect(await reconcileMigrations(deps)).toEqual({ open: 1, restarted: [`${request.migrationId}-r1`], stuck: [] });
		expect(executions.requests.get(`${request.migrationId}-r1`)).toEqual(request);
		expect(await reconcileMigrations(deps)).toEqual({ open: 1, restarted: [], stuck: [] });
	});

	it("leaves alone what runs, and asks for nothing where nothing is open", async () => {
		const { deps, executions, request } = await claimed("ended");
		executions.states.set(request.migrationId, "running");
		expect(await reconcileMigrations(deps)).toEqual({ open: 1, restarted: [], stuck: [] });
		const empty = new MigrationWorld(1);
		expect(await reconcileMigrations({ ...deps, migrations: empty.migrations })).toEqual({ open: 0, restarted: [], stuck: [] });
	});

	it("starts what was aborted or is unknown again at once, however often that happens", async () => {
		const { deps, executions, request, world } = await claimed("gone");
		for (let restart = 1; restart <= 8; restart++) {
			expect((await reconcileMigrations(deps)).restarted).toEqual([`${request.migrationId}-r${restart}`]);
			executions.stop("gone");
		}
		expect(world.migrations.records.get(request.migrationId)).toMatchObject({ restarts: 8, recovery: { failures: 0 } });
	});

	it("goes on counting where the starter's names end", async () => {
		const { deps, executions, request } = await claimed("ended", 2);
		expect((await reconcileMigrations(deps)).restarted).toEqual([`${request.migrationId}-r3`]);
		expect(executions.requests.has(request.migrationId)).toBe(false);
	});

	it("starts what keeps failing ever more rarely, at least once a day, and never gives it up", async () => {
		const { deps, executions, request, clock, world } = await claimed("ended");
		const atHours: number[] = [];
		for (let hour = 0; hour <= 240; hour++) {
			const { restarted } = await reconcileMigrations(deps);
			if (restarted.length > 0) atHours.push(hour);
			executions.stop("ended");
			clock.advance(HOUR_MS);
		}
		expect(atHours.slice(0, 8)).toEqual([0, 1, 3, 7, 14, 28, 52, 76]);
		const gaps = atHours.slice(1).map((hour, i) => hour - (atHours[i] ?? 0));
		expect(Math.max(...gaps)).toBe(24);
		expect(atHours.at(-1)).toBeGreaterThan(240 - 25);
		const record = world.migrations.records.get(request.migrationId);
		expect(record).toMatchObject({ state: "running", restarts: atHours.length, recovery: { failures: atHours.length } });
		expect(spacingMs(1000)).toBe(24 * HOUR_MS);
	});

	it("names those that do not get on, also while they wait, and an error line with a stable code is logged for each", async () => {
		const { deps, executions, request, clock } = await claimed("ended");
		const lines: unknown[] = [];
		for (let hour = 0; hour < 6; hour++) {
			const report = await reconcileMigrations(deps);
			logStuck(report, (line) => lines.push(line));
			expect(report.stuck.map(({ failures }) => failures)).toEqual(hour < 3 ? [] : [3]);
			executions.stop("ended");
			clock.advance(HOUR_MS);
		}
		const { migrationId, partition } = request;
		expect(lines).toHaveLength(3);
		expect(lines[2]).toMatchObject({ level: "error", code: "migration.stuck", migrationId, partition, stage: "Plan", restarts: 3 });
	});

	it("names executions by restarts and rebuilds the request with what the plan settled", async () => {
		const { world, request } = await claimed("ended");
		const record = world.migrations.records.get(request.migrationId);
		if (record === undefined) throw new Error("no record");
		expect(executionNameOf(record)).toBe(request.migrationId);
		expect(executionNameOf({ ...record, restarts: 12 })).toBe(`${request.migrationId}-r12`);
		const { soakSeconds: _, canary: __, ...bare } = request;
		expect(requestOf({ ...record, plan: { ...record.plan, soakSeconds: MIGRATION_SETTINGS.soakSeconds } })).toMatchObject(bare);
	});
});
