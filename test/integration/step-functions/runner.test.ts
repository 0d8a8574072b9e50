import { afterEach, describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import type { LambdaCall, LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { StateMachineRunner } from "#local/step-functions/runner.ts";
import type { ExecutionEnd } from "#local/step-functions/runner-protocol.ts";

const region = regionId("eu-west-1");
const START_MS = Date.UTC(2030, 0, 1);

const machine = {
	StartAt: "Work",
	States: {
		Work: {
			Type: "Task",
			Resource: "arn:aws:lambda:eu-west-1:000000000000:function:heliotrope-test-work",
			TimeoutSeconds: 60,
			Retry: [{ ErrorEquals: ["UnavailableError"], IntervalSeconds: 30, MaxAttempts: 2, BackoffRate: 2 }],
			Catch: [{ ErrorEquals: ["MigrationAbortedError"], Next: "Undo", ResultPath: "$.error" }],
			Next: "Hold",
		},
		Hold: { Type: "Wait", Seconds: 3600, Next: "Done" },
		Undo: { Type: "Pass", Result: "undone", End: true },
		Done: { Type: "Pass", Parameters: { "now.$": "$$.Execution.StartTime" }, End: true },
	},
};

let stop: (() => Promise<void>) | undefined;
afterEach(async () => stop?.());

async function runMachine(
	respond: (call: LambdaCall, attempt: number) => LambdaOutcome,
): Promise<{ end: ExecutionEnd; callsAtMs: number[]; endMs: number }> {
	const time = new SharedArrayBuffer(8);
	const clock = new VirtualClock({ startMs: START_MS, speed: Number.POSITIVE_INFINITY, shared: new Float64Array(time) });
	const callsAtMs: number[] = [];
	const ended = Promise.withResolvers<ExecutionEnd>();
	const runner = new StateMachineRunner({
		machines: { test: machine },
		time,
		clock,
		controlRegion: region,
		stage: "test",
		lambda: {
			invoke: async (call) => {
				callsAtMs.push(clock.nowMs() - START_MS);
				return respond(call, callsAtMs.length);
			},
		},
		onEnd: (_arn, end) => ended.resolve(end),
	});
	stop = async () => {
		clock.stop();
		await runner.stop();
	};
	await runner.ready();
	const activity = clock.begin("start");
	await runner.start("arn:execution:one", "test", JSON.stringify({ partition: "acme" }));
	activity.end();
	return { end: await ended.promise, callsAtMs, endMs: clock.nowMs() - START_MS };
}

describe("state machine runner", () => {
	it("waits and retries in virtual time, and tells the machine its own date", async () => {
		const { end, callsAtMs, endMs } = await runMachine((call, attempt) => {
			expect(call.function).toBe("work");
			expect(call.event).toEqual({ partition: "acme" });
			return attempt < 3 ? { ok: false, errorType: "UnavailableError", errorMessage: "throttled" } : { ok: true, payload: { fine: true } };
		});
		expect(callsAtMs).toEqual([0, 30_000, 90_000]);
		expect(end).toEqual({ status: "SUCCEEDED", output: JSON.stringify({ now: new Date(START_MS).toISOString() }) });
		expect(endMs).toBe(90_000 + 3_600_000);
	});

	it("catches an error by its name", async () => {
		const { end } = await runMachine(() => ({ ok: false, errorType: "MigrationAbortedError", errorMessage: "breach" }));
		expect(end).toEqual({ status: "SUCCEEDED", output: '"undone"' });
	});

	it("fails with the name and message of an error that nothing catches", async () => {
		const { end } = await runMachine(() => ({ ok: false, errorType: "TypeError", errorMessage: "bug" }));
		expect(end).toEqual({ status: "FAILED", error: "TypeError", cause: "bug" });
	});
});
