import { ExecutionAlreadyExists, ExecutionDoesNotExist, SFNClient } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { createMigrationExecutions, executionArn } from "#adapters/step-functions/migration-executions.ts";
import { createMigrationStarter } from "#adapters/step-functions/migration-starter.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { A } from "#test/simulation/migration/migration-world.ts";
import { MOVE, requestFor } from "#test/simulation/migration/scenarios.ts";

const stateMachineArn = "arn:aws:states:eu-west-1:123456789012:stateMachine:heliotrope-test-migrate";
const request = requestFor(MOVE);

/** A client whose service answers by `answer`; remembers the inputs of calls. */
function fakeClient(answer: () => object): { client: SFNClient; inputs: unknown[] } {
	const client = new SFNClient({ region: A });
	const inputs: unknown[] = [];
	client.middlewareStack.add(() => async ({ input }) => {
		inputs.push(input);
		return { output: { $metadata: {}, ...answer() }, response: {} };
	});
	return { client, inputs };
}

const failing = (error: Error) => () => {
	throw error;
};
const metadata = { message: "", $metadata: {} };

describe("the migration starter", () => {
	it("names the execution by the migration and passes the request as it is", async () => {
		const { client, inputs } = fakeClient(() => ({ executionArn: "x" }));
		expect(await createMigrationStarter({ stateMachineArn, controlRegion: A, client }).start(request)).toBe("started");
		expect(inputs).toEqual([{ stateMachineArn, name: request.migrationId, input: JSON.stringify(request) }]);
	});

	it("tells a name that was used from an outcome that is unknown", async () => {
		const start = (error: Error) =>
			createMigrationStarter({ stateMachineArn, controlRegion: A, client: fakeClient(failing(error)).client }).start(request);
		expect(await start(new ExecutionAlreadyExists(metadata))).toBe("already-started");
		await expect(start(new Error("socket hang up"))).rejects.toThrow(UnavailableError);
	});
});

describe("executions", () => {
	it("run while Step Functions says so, and not where it knows none", async () => {
		const running = (answer: () => object) =>
			createMigrationExecutions({ stateMachineArn, controlRegion: A, client: fakeClient(answer).client }).isRunning("m-1");
		expect(await running(() => ({ status: "RUNNING" }))).toBe(true);
		expect(await running(() => ({ status: "FAILED" }))).toBe(false);
		expect(await running(failing(new ExecutionDoesNotExist(metadata)))).toBe(false);
		await expect(running(failing(new Error("timeout")))).rejects.toThrow(UnavailableError);
		expect(executionArn(stateMachineArn, "m-1")).toBe("arn:aws:states:eu-west-1:123456789012:execution:heliotrope-test-migrate:m-1");
	});
});
