import { describe, expect, it } from "vitest";
import { executionNameOf, reconcileMigrations, requestOf } from "#domain/migration/reconcile.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import type { MigrationExecutions } from "#domain/ports/migration-executions.ts";
import { MigrationWorld } from "#test/simulation/migration/migration-world.ts";
import { MOVE, requestFor } from "#test/simulation/migration/scenarios.ts";

class FakeExecutions implements MigrationExecutions {
	readonly running = new Set<string>();
	readonly started: { readonly name: string; readonly request: MigrationRequest }[] = [];

	async isRunning(name: string): Promise<boolean> {
		return this.running.has(name);
	}

	async startAs(name: string, request: MigrationRequest): Promise<"started" | "already-started"> {
		if (this.started.some((one) => one.name === name)) return "already-started";
		this.started.push({ name, request });
		this.running.add(name);
		return "started";
	}
}

async function claimed(): Promise<{ world: MigrationWorld; executions: FakeExecutions; request: MigrationRequest }> {
	const world = new MigrationWorld(1);
	await world.settle([], ["a"]);
	const request = requestFor(MOVE);
	await planMigration(
		world.deps(() => {}),
		request,
	);
	return { world, executions: new FakeExecutions(), request };
}

describe("reconcileMigrations", () => {
	it("starts a claimed migration that nobody runs, once, under the next name", async () => {
		const { world, executions, request } = await claimed();
		const deps = { migrations: world.migrations, executions };
		expect(await reconcileMigrations(deps)).toEqual({ open: 1, restarted: [`${request.migrationId}-r1`] });
		expect(executions.started[0]?.request).toEqual(request);
		expect(await reconcileMigrations(deps)).toEqual({ open: 1, restarted: [] });
		executions.running.clear();
		expect(await reconcileMigrations(deps)).toEqual({ open: 1, restarted: [`${request.migrationId}-r2`] });
	});

	it("leaves alone what runs, and asks for nothing where nothing is open", async () => {
		const { world, executions, request } = await claimed();
		executions.running.add(request.migrationId);
		expect(await reconcileMigrations({ migrations: world.migrations, executions })).toEqual({ open: 1, restarted: [] });
		const empty = new MigrationWorld(1);
		expect(await reconcileMigrations({ migrations: empty.migrations, executions })).toEqual({ open: 0, restarted: [] });
	});

	it("names executions by restarts and rebuilds the request with what the plan settled", async () => {
		const { world, request } = await claimed();
		const record = world.migrations.records.get(request.migrationId);
		if (record === undefined) throw new Error("no record");
		expect(executionNameOf(record)).toBe(request.migrationId);
		expect(executionNameOf({ ...record, restarts: 12 })).toBe(`${request.migrationId}-r12`);
		const { soakSeconds: _, canary: __, ...bare } = request;
		expect(requestOf({ ...record, plan: { ...record.plan, soakSeconds: MIGRATION_SETTINGS.soakSeconds } })).toMatchObject(bare);
	});
});
