import { describe, expect, it } from "vitest";
import { reconcileMigrations } from "#domain/migration/reconcile.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { runStage } from "#domain/migration/run-stage.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";
import { AttemptsUsedUpError, startMigration } from "#domain/migration/start-migration.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MigrationWorld, P } from "#test/simulation/migration/migration-world.ts";
import { MOVE, requestFor } from "#test/simulation/migration/scenarios.ts";
import { FakeExecutions } from "./fake-executions.ts";

const request = requestFor(MOVE);
const nobody = { read: async () => undefined };

async function settled() {
	const world = new MigrationWorld(1);
	await world.settle([], ["a"]);
	const stages = world.deps(() => {});
	const executions = new FakeExecutions();
	const start = (wanted: MigrationRequest = request) => startMigration({ executions, migrations: world.migrations }, wanted);
	const freeze = (global: boolean) => stages.metadata.writeFreeze({ global, regions: [] });
	return { world, stages, executions, start, freeze };
}

/** The request as the execution of this name got it. */
function inputOf(executions: FakeExecutions, name: string): MigrationRequest {
	const input = executions.requests.get(name);
	if (input === undefined) throw new Error(`no execution ${name}`);
	return input;
}

describe("startMigration", () => {
	it("starts once while an execution runs", async () => {
		const { start, executions } = await settled();
		expect(await start()).toBe("started");
		expect(await start({ ...request, requestedBy: "placement" })).toBe("already-started");
		expect([...executions.requests.keys()]).toEqual([request.migrationId]);
	});

	it("starts again under the next name where a freeze has refused the plan, and the partition moves", async () => {
		const { start, stages, executions, freeze, world } = await settled();
		await start();
		await freeze(true);
		await expect(planMigration(stages, request)).rejects.toThrow(/frozen/);
		executions.stop("ended");
		await freeze(false);
		const name = `${request.migrationId}-r1`;
		expect(await start()).toBe("started");
		expect(await start({ ...request, requestedBy: "placement" })).toBe("already-started");
		expect(inputOf(executions, name)).toEqual({ ...request, attempt: 1 });
		const sleep = (ms: number) => world.scheduler.sleep(ms);
		await world.scheduler.run([
			async () => expect(await execute({ deps: stages, request: inputOf(executions, name), sleep })).toBe("Ended"),
		]);
		expect(world.migrations.records.get(request.migrationId)).toMatchObject({ state: "completed", attempt: 1, restarts: 0 });
		executions.stop("ended");
		expect(await start()).toBe("already-started");
	});

	it("writes a record afresh that failed without a claim, and only for an execution that was started later", async () => {
		const { start, stages, executions, world } = await settled();
		await start();
		// The execution recorded its plan, lost its claim to an outage, and Cancel closed the record.
		const replace = stages.metadata.replace.bind(stages.metadata);
		const metadata = Object.assign(Object.create(stages.metadata) as typeof stages.metadata, {
			replace: () => Promise.reject(new Error("unreachable")),
		});
		await expect(planMigration({ ...stages, metadata }, request)).rejects.toThrow("unreachable");
		Object.assign(metadata, { replace });
		await runStage(stages, Stage.Cancel, request.migrationId, "States.TaskFailed");
		executions.stop("ended");
		expect(world.migrations.records.get(request.migrationId)?.state).toBe("failed");
		expect(await planMigration(stages, request)).toEqual({ outcome: "ended" });
		expect(await start({ ...request, requestedBy: "placement" })).toBe("started");
		const again = inputOf(executions, `${request.migrationId}-r1`);
		expect(await planMigration(stages, again)).toEqual({ outcome: "move" });
		const record = world.migrations.records.get(request.migrationId);
		expect(record).toMatchObject({ state: "running", attempt: 1, requestedBy: "placement" });
		expect(record).not.toHaveProperty("reason");
		expect(world.metadata.control.get(P)?.migrationId).toBe(request.migrationId);
	});

	it("leaves a migration whose execution was lost to recovery", async () => {
		const { start, stages, executions, world } = await settled();
		await start();
		await planMigration(stages, request);
		executions.stop("gone");
		expect(await start()).toBe("already-started");
		const clock = new ManualClock();
		const report = await reconcileMigrations({ migrations: world.migrations, executions, clock });
		expect(report.restarted).toEqual([`${request.migrationId}-r1`]);
		expect(await start()).toBe("already-started");
	});

	it("lets two starters at once start one execution", async () => {
		const { executions } = await settled();
		executions.requests.set(request.migrationId, request);
		executions.states.set(request.migrationId, "ended");
		const start = (requestedBy: "placement" | "operator") =>
			startMigration({ executions, migrations: nobody }, { ...request, requestedBy });
		const outcomes = await Promise.all([start("placement"), start("operator")]);
		expect(outcomes.toSorted()).toEqual(["already-started", "started"]);
		expect([...executions.requests.keys()]).toEqual([request.migrationId, `${request.migrationId}-r1`]);
	});

	it("stops when every attempt has ended", async () => {
		const executions = { startAs: async () => "already-started" as const, stateOf: async () => "ended" as const };
		await expect(startMigration({ executions, migrations: nobody }, request)).rejects.toThrow(AttemptsUsedUpError);
	});
});

describe("a plan that is given up", () => {
	it("cannot be claimed by a stage that was paused before its claim", async () => {
		const { stages, freeze, world } = await settled();
		let release = () => {};
		const paused = new Promise<void>((resolve) => {
			release = resolve;
		});
		const slow = world.deps((when, operation) => (when === "before" && operation === "replace" ? paused : undefined));
		const claiming = planMigration(slow, request).catch((error: unknown) => error);
		while (!world.migrations.records.has(request.migrationId)) await Promise.resolve();
		await freeze(true);
		await expect(planMigration(stages, request)).rejects.toThrow(/frozen/);
		release();
		expect(await claiming).toEqual({ outcome: "ended" });
		expect(world.metadata.control.get(P)).toMatchObject({ phase: "active" });
		expect(world.metadata.control.get(P)).not.toHaveProperty("migrationId");
		expect(world.migrations.records.get(request.migrationId)?.state).toBe("failed");
	});

	it("is tried again where only the version of the partition's record had changed", async () => {
		const { world } = await settled();
		const store = world.metadata.store();
		let touched = false;
		const deps = world.deps(async (when, operation) => {
			if (when !== "before" || operation !== "replace" || touched) return;
			touched = true;
			const record = world.metadata.control.get(P);
			if (record !== undefined) await store.replace({ ...record, version: record.version + 1 });
		});
		expect(await planMigration(deps, request)).toEqual({ outcome: "move" });
		expect(world.migrations.records.get(request.migrationId)?.state).toBe("running");
	});
});
