import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import { afterEach, expect, test, vi } from "vitest";
import { observe, observed } from "#lambdas/shared/observed.ts";
import { redact } from "#lambdas/shared/redact.ts";
import { RUNTIME_SLOT, type Runtime } from "#lambdas/shared/runtime.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

afterEach(() => vi.restoreAllMocks());

/** What a handler writes, by line. */
function capture(): unknown[] {
	const lines: unknown[] = [];
	for (const stream of [process.stdout, process.stderr]) {
		vi.spyOn(stream, "write").mockImplementation((text) => {
			lines.push(JSON.parse(String(text)));
			return true;
		});
	}
	return lines;
}

const context = { functionName: "f", awsRequestId: "req-1", memoryLimitInMB: "128", invokedFunctionArn: "arn:f" } as Context;

test("a handler's lines bear its invocation, and its metrics are one line of the embedded format", async () => {
	const lines = capture();
	const handler = observed<{ n: number }, number>("adder", async ({ n }, { logger, metrics }) => {
		logger.info("adding", { n });
		metrics.addMetric("Added", MetricUnit.Count, n);
		return n + 1;
	});
	expect(await handler({ n: 2 }, context)).toBe(3);
	expect(lines).toMatchObject([
		{ level: "INFO", message: "adding", n: 2, service: "adder", function_request_id: "req-1" },
		{
			Added: 2,
			service: "adder",
			_aws: { CloudWatchMetrics: [{ Namespace: "Heliotrope/unnamed", Metrics: [{ Name: "Added", Unit: "Count" }] }] },
		},
	]);
});

test("a handler that fails fails, and its metrics are written all the same", async () => {
	const lines = capture();
	const handler = observed<object, never>("failing", async (_event, { metrics }) => {
		metrics.addMetric("Tried", MetricUnit.Count, 1);
		throw new RangeError("no");
	});
	await expect(handler({}, context)).rejects.toThrow(RangeError);
	expect(lines).toMatchObject([{ Tried: 1 }]);
});

const secret = fc.stringMatching(/^[A-Za-z0-9]{24,40}$/);
const place = fc.constantFrom<(value: string) => unknown>(
	(value) => ({ authorization: value }),
	(value) => ({ headers: { Authorization: `Bearer ${value}` } }),
	(value) => ({ headers: { "x-heliotrope-authorization": [{ value }] } }),
	(value) => ({ "x-amz-security-token": value }),
	(value) => ({ nested: [{ secretAccessKey: value }] }),
	(value) => ({ cookie: `heliotrope-client=${value}` }),
	(value) => ({ "x-heliotrope-session": value }),
	(value) => ({ text: `sent with Bearer ${value} and failed` }),
	(value) => ({ text: `AWS4-HMAC-SHA256 Credential=AKID/x, Signature=${value}` }),
	(value) => ({ text: `https://example.com/?X-Amz-Security-Token=${value}&a=1` }),
	(value) => ({ text: `token eyJhbGciOiJSUzI1NiJ9.${value}.${value}` }),
	(value) => ({ error: new Error(`refused: Bearer ${value}`) }),
	(value) => ({ text: `Authorization: Digest username="u", response="${value}"` }),
	(value) => ({ text: `secretAccessKey=${value}, region=eu-west-1` }),
	(value) => ({ text: `{"password":"${value}"}` }),
	(value) => ({ error: new Error(`token: ${value} is refused`) }),
	(value) => ({ text: `https://example.com/?refresh_token=${value}&a=1` }),
);

test("no secret reaches a log, whatever it is called and wherever it stands", async () => {
	await fc.assert(
		fc.asyncProperty(secret, place, async (value, hide) => {
			vi.restoreAllMocks();
			const lines = capture();
			const handler = observed<object, void>("leaky", async (_event, { logger }) => {
				logger.error("failed", hide(value) as Record<string, never>);
			});
			await handler({}, context);
			expect(lines).toHaveLength(1);
			expect(JSON.stringify(lines)).not.toContain(value);
		}),
		{ seed: 71, numRuns: 150 },
	);
});

test("what is no secret is left as it is", () => {
	const plain = {
		partition: "tenant:token",
		status: 503,
		detail: "the region did not answer",
		list: [1, true, null],
	};
	expect(JSON.parse(JSON.stringify(plain, redact))).toEqual(plain);
});

test("what is called all the time publishes together: at the latest with the first call after its time, and never loses a value", async () => {
	const lines = capture();
	const clock = new ManualClock();
	const slot = globalThis as { [RUNTIME_SLOT]?: Runtime };
	slot[RUNTIME_SLOT] = { clock, random: { next: () => 0.5, id: () => "id" }, background: () => {} };
	try {
		const handler = observed<number, number>("busy", async (n) => n, { counts: (n) => ({ Seen: n }), publishEveryMs: 10_000 });
		for (const n of [1, 2, 3]) await handler(n, context);
		expect(lines).toMatchObject([{ Seen: 1 }]);
		clock.advance(10_000);
		await handler(4, context);
		expect(lines).toMatchObject([{ Seen: 1 }, { Seen: [2, 3, 4] }]);
	} finally {
		delete slot[RUNTIME_SLOT];
	}
});

test("metrics bear the dimension of their handler, and an invocation without any writes no line", async () => {
	const lines = capture();
	const observing = observe("many");
	const one = observed<object, void>(observing, async () => {}, { dimension: ["step", "first"], counts: () => ({ Runs: 1 }) });
	const silent = observed<object, void>(observing, async () => {});
	await one({}, context);
	await silent({}, context);
	expect(lines).toMatchObject([{ Runs: 1, step: "first", _aws: { CloudWatchMetrics: [{ Dimensions: [["service", "step"]] }] } }]);
	expect(lines).toHaveLength(1);
});

test("an invocation is not answered before its work has ended, however little time is left", async () => {
	capture();
	let ended = false;
	const handler = observed<object, boolean>("slow", async () => {
		await new Promise((resolve) => setTimeout(resolve, 30));
		ended = true;
		return ended;
	});
	const hurried = { ...context, getRemainingTimeInMillis: () => 6 };
	expect([await handler({}, hurried), ended]).toEqual([true, true]);
});

test("a line keeps event and code on top, where alarms count them, and gives up no key to the logger's own", () => {
	const lines = capture();
	const { log } = observe("domain");
	log({ level: "error", event: "data-plane.failure", code: "internal", message: "it broke", name: "RangeError", timestamp: 5 });
	log({ code: "migration.stuck", migrationId: "m" });
	log({ level: "nonsense", event: "e" });
	expect(lines).toMatchObject([
		{ level: "ERROR", message: "data-plane.failure", event: "data-plane.failure", code: "internal", reason: "it broke", at: 5 },
		{ level: "INFO", message: "migration.stuck", code: "migration.stuck", migrationId: "m" },
		{ level: "INFO", event: "e" },
	]);
});
