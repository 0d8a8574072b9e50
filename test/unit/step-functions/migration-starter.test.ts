import { ExecutionAlreadyExists, ExecutionDoesNotExist, SFNClient } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { createMigrationExecutions, executionArn } from "#adapters/step-functions/migration-executions.ts";
import { createMigrationStarter } from "#adapters/step-functions/migration-starter.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { A } from "#test/simulation/migration/migration-world.ts";
import { MOVE, requestFor } from "#test/simulation/migration/scenarios.ts";

const stateMachineArn = "arn:aws:states:eu-west-1:123456789012:stateMachine:heliotrope-test-migrate";
const request = requestFor(MOVE);
const migrations = { read: async () => undefined };

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
		expect(await createMigrationStarter({ stateMachineArn, controlRegion: A, client, migrations }).start(request)).toBe("started");
		expect(inputs).toEqual([{ stateMachineArn, name: request.migrationId, input: JSON.stringify(request) }]);
	});

	it("takes the next name where the execution of the first has ended and left no record", async () => {
		const seen: string[] = [];
		const client = new SFNClient({ region: A });
		client.middlewareStack.add(() => async ({ input }) => {
			const { name, executionArn: arn } = input as { name?: string; executionArn?: string };
			seen.push(name ?? `describe ${arn?.split(":").at(-1)}`);
			if (name === request.migrationId) throw new ExecutionAlreadyExists(metadata);
			return { output: { $metadata: {}, status: "FAILED" }, response: {} };
		});
		expect(await createMigrationStarter({ stateMachineArn, controlRegion: A, client, migrations }).start(request)).toBe("started");
		expect(seen).toEqual([request.migrationId, `describe ${request.migrationId}`, `${request.migrationId}-r1`]);
	});

	it("does not know the outcome when the service cannot be reached", async () => {
		const { client } = fakeClient(failing(new Error("socket hang up")));
		const starter = createMigrationStarter({ stateMachineArn, controlRegion: A, client, migrations });
		await expect(starter.start(request)).rejects.toThrow(UnavailableError);
	});
});

describe("executions", () => {
	it("run, have ended by themselves, or are gone, as Step Functions says", async () => {
		const state = (answer: () => object) =>
			createMigrationExecutions({ stateMachineArn, controlRegion: A, client: fakeClient(answer).client }).stateOf("m-1");
		expect(await state(() => ({ status: "RUNNING" }))).toBe("running");
		for (const status of ["FAILED", "TIMED_OUT", "SUCCEEDED"]) expect(await state(() => ({ status }))).toBe("ended");
		expect(await state(() => ({ status: "ABORTED" }))).toBe("gone");
		expect(await state(failing(new ExecutionDoesNotExist(metadata)))).toBe("gone");
		await expect(state(failing(new Error("timeout")))).rejects.toThrow(UnavailableError);
		expect(executionArn(stateMachineArn, "m-1")).toBe("arn:aws:states:eu-west-1:123456789012:execution:heliotrope-test-migrate:m-1");
	});
});
