import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import type { Forward } from "#domain/ports/forward.ts";
import { type GuardedContext, type GuardOptions, type PartitionStore, partitionGuard } from "#guard/index.ts";
import { DataPlaneWorld, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
let records: string[];
beforeEach(async () => {
	world = await DataPlaneWorld.followed();
	records = [];
});

interface Asked {
	readonly headers?: Record<string, string>;
	readonly options?: Partial<GuardOptions>;
	readonly work?: (store: PartitionStore) => Promise<unknown>;
	readonly remainingMs?: number;
	/** A middleware behind the guard that answers in the handler's place. */
	readonly shortCircuit?: APIGatewayProxyStructuredResultV2;
}

/** The answer of an application in the region that follows. */
async function ask({ headers = {}, options, work = async () => {}, remainingMs = 10_000, shortCircuit }: Asked) {
	const emit = (line: string) => void records.push(line);
	const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
		.use(partitionGuard({ partition: () => P, stale: "serve", deps: world.depsOf(US), emit, ...options }))
		.use({ before: () => shortCircuit })
		.handler(async (_event, { partition }) => {
			await work(partition);
			return { statusCode: 204 };
		});
	const context = { getRemainingTimeInMillis: () => remainingMs } as Context as GuardedContext;
	const { statusCode, headers: told, body = "" } = await handler(functionUrlEvent("PUT", "/", "", headers, ""), context);
	const text = Buffer.from(body, "base64").toString("utf8");
	return { status: statusCode, headers: told, code: text === "" ? undefined : (JSON.parse(text) as { code: string }).code };
}

describe("partitionGuard", () => {
	it.each([{ application: {} }, {}])("refuses to forward to an application that nobody has named: %j", (options) => {
		expect(() => partitionGuard({ partition: () => P, stale: "forward", ...options })).toThrow(
			new TypeError('stale: "forward" needs application: the URL of this application in each region'),
		);
		expect(() => partitionGuard({ partition: () => P, stale: "serve", ...options })).not.toThrow();
	});
});

describe("a rule for partitions that throws", () => {
	it("is a defect: answered with 500 under the request's id, and logged", async () => {
		const partition = () => {
			throw new TypeError("no such header");
		};
		const answer = await ask({ options: { partition }, headers: { "x-heliotrope-request-id": "edge-id-1" } });
		expect(answer).toMatchObject({ status: 500, code: "internal", headers: { "x-heliotrope-request-id": "edge-id-1" } });
		expect(world.logs).toMatchObject([{ level: "error", requestId: "edge-id-1", name: "TypeError", message: "no such header" }]);
	});
});

describe("a request that the guard answers in the handler's place", () => {
	it.each([
		["no partition's name", { options: { partition: () => "no partition" } }, 400],
		["a deadline that is none", { headers: { "x-heliotrope-timeout-ms": "soon" } }, 400],
		["another region's partition", { options: { stale: "reject" } }, 421],
	] as const)("because of %s leaves no record", async (_, asked, status) => {
		expect((await ask(asked)).status).toBe(status);
		expect(records).toEqual([]);
	});

	it("leaves no record where a later middleware answers: middy does not come back to the guard", async () => {
		expect(await ask({ shortCircuit: { statusCode: 401 } })).toMatchObject({ status: 401, headers: undefined });
		expect(records).toEqual([]);
	});
});

describe("the time that a caller gives a guarded request", () => {
	const within = (ms: number) => ({ "x-heliotrope-timeout-ms": String(ms) });

	it("goes with operations that are sent on, as what is left of it", async () => {
		const told: unknown[] = [];
		world.onForward = ({ headers }) => told.push(headers["x-heliotrope-timeout-ms"]);
		const work = async (store: PartitionStore) => {
			world.clock.advance(300);
			await store.put("k", "v");
		};
		expect((await ask({ headers: within(1000), work })).status).toBe(204);
		expect(told).toEqual(["700"]);
	});

	it("ends what the handler may begin", async () => {
		const work = async (store: PartitionStore) => {
			world.clock.advance(1000);
			await store.put("k", "v");
		};
		expect(await ask({ headers: within(1000), work })).toMatchObject({ status: 503, code: "deadline.exceeded" });
		expect(world.forwards).toEqual([]);
	});

	it("is never longer than the invocation has, and without it the invocation alone counts", async () => {
		const writeAfter = (ms: number) => async (store: PartitionStore) => {
			world.clock.advance(ms);
			await store.put("k", "v");
		};
		expect(await ask({ headers: within(60_000), remainingMs: 3000, work: writeAfter(2000) })).toMatchObject({ code: "deadline.exceeded" });
		expect((await ask({ remainingMs: 300_000, work: writeAfter(200_000) })).status).toBe(204);
	});

	it("goes to the application in the region that leads, as what is left of it, and not at all once it is over", async () => {
		const told: unknown[] = [];
		const forward: Forward = async (_to, { headers }) => {
			told.push(headers["x-heliotrope-timeout-ms"]);
			return { status: 200, headers: {}, body: Buffer.alloc(0) };
		};
		const options = { stale: "forward", forward } as const;
		let waitMs = 300;
		world.before = async () => world.clock.advance(waitMs);
		await ask({ headers: within(60_000), options });
		await ask({ options });
		expect(told).toEqual([expect.stringMatching(/^[1-9]\d*$/), undefined]);
		expect(Number(told[0])).toBeLessThan(10_000);
		waitMs = 5000;
		expect(await ask({ headers: within(1), options })).toMatchObject({ status: 503, code: "deadline.exceeded" });
		expect(told).toHaveLength(2);
	});
});
