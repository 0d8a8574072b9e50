import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failureOf } from "#adapters/step-functions/failure-of.ts";
import { reconcileMigrations } from "#domain/migration/reconcile.ts";
import { moveActions } from "#domain/migration/request.ts";
import { runStage } from "#domain/migration/run-stage.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { planMigration } from "#domain/migration/stages/plan.ts";
import { Stage } from "#domain/migration/stages.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { failureLine } from "#lambdas/run-stage/failure-line.ts";
import { A, B, MigrationWorld } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";
import { FakeExecutions } from "#test/unit/migration/fake-executions.ts";

const request = requestFor({ actions: moveActions(A, B) });
const { migrationId } = request;

/** A planned migration, and stages on stores that fail while `failing.message` says how. */
async function plannedWorld(): Promise<{ deps: StageDeps; failing: { message: string | undefined } }> {
	const world = new MigrationWorld(1);
	await world.settle([], ["a", "b"]);
	const failing: { message: string | undefined } = { message: undefined };
	const deps = world.deps((when, operation) => {
		if (when === "before" && operation === "changeFences" && failing.message !== undefined) throw new UnavailableError(failing.message);
	});
	expect(await planMigration(deps, request)).toEqual({ outcome: "move" });
	return { deps, failing };
}

describe("a stage that fails", () => {
	it("says how in the migration record, once, until it has done its work", async () => {
		const { deps, failing } = await plannedWorld();
		failing.message = "eu-west-1 is away";
		for (let attempt = 0; attempt < 3; attempt++) {
			await expect(runStage(deps, Stage.CreateReplica, migrationId)).rejects.toThrow("is away");
		}
		const failed = await deps.migrations.read(migrationId);
		expect(failed?.lastError).toMatchObject({
			stage: Stage.CreateReplica,
			name: "UnavailableError",
			code: "store.unavailable",
			message: "eu-west-1 is away",
		});
		expect(failed?.version).toBe(2);
		failing.message = undefined;
		await runStage(deps, Stage.CreateReplica, migrationId);
		expect(await deps.migrations.read(migrationId)).not.toHaveProperty("lastError");
	});

	it("throws what failed, also where the record cannot be written", async () => {
		const { deps, failing } = await plannedWorld();
		failing.message = "eu-west-1 is away";
		const migrations = {
			...deps.migrations,
			read: (id: string) => deps.migrations.read(id),
			noteCopy: () => Promise.resolve(),
			update: () => Promise.reject(new UnavailableError("so is the record")),
		} as StageDeps["migrations"];
		await expect(runStage({ ...deps, migrations }, Stage.CreateReplica, migrationId)).rejects.toThrow("eu-west-1 is away");
	});

	it("is a line of the log, a defect with its stack", () => {
		expect(failureLine("Verify", "m", new UnavailableError("away"))).toMatchObject({
			event: "migration.stage-failed",
			migrationId: "m",
			stage: "Verify",
			code: "store.unavailable",
			retryable: true,
		});
		expect(failureLine("Verify", "m", new TypeError("oops"))).toMatchObject({
			name: "TypeError",
			message: "oops",
			stack: expect.any(String),
		});
	});
});

describe("an execution that fails", () => {
	it("leaves its cause with recovery", async () => {
		const { deps } = await plannedWorld();
		class Ended extends FakeExecutions {
			override async stateOf() {
				return "ended" as const;
			}
			async causeOf() {
				return "Lambda.Unknown: out of memory";
			}
		}
		const report = await reconcileMigrations({ ...deps, executions: new Ended() });
		expect(report.restarted).toEqual([`${migrationId}-r1`]);
		expect((await deps.migrations.read(migrationId))?.recovery).toMatchObject({ failures: 1, cause: "Lambda.Unknown: out of memory" });
	});

	it("is told in words, whatever the service wraps it in", () => {
		const cause = JSON.stringify({ errorType: "MigrationRefusedError", errorMessage: "the partition is frozen", trace: [] });
		expect(failureOf({ error: "MigrationRefusedError", cause })).toBe("MigrationRefusedError: the partition is frozen");
		expect(failureOf({ error: "States.Timeout", cause: "" })).toBe("States.Timeout");
		expect(failureOf({ error: "X", cause: "not json" })).toBe("X: not json");
		expect(failureOf({})).toBeUndefined();
		expect(failureOf(undefined)).toBeUndefined();
	});

	it("that is refused fails with what refused it", () => {
		const { States } = JSON.parse(readFileSync(new URL("../../../state-machines/migrate.asl.json", import.meta.url), "utf8")) as {
			States: Record<string, Record<string, unknown>>;
		};
		expect(States["Refused"]).toMatchObject({ Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" });
	});
});
