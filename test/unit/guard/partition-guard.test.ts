import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { type GuardedContext, PartitionError, type PartitionStore, partitionGuard, type StoreOperation } from "#guard/index.ts";
import { servedBy } from "#guard/served-by.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
beforeEach(async () => {
	world = await DataPlaneWorld.followed();
});

/** Runs a handler behind the guard in a region, for a request with these headers. */
async function run<T>(
	region: RegionId,
	headers: Record<string, string>,
	work: (store: PartitionStore) => Promise<T>,
): Promise<{ value: T | undefined; answer: APIGatewayProxyStructuredResultV2 }> {
	let value: T | undefined;
	const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
		.use(partitionGuard({ partition: () => P, stale: "serve", deps: world.depsOf(region), emit: () => {} }))
		.handler(async (_event, { partition }) => {
			value = await work(partition);
			return { statusCode: 200, headers: { "x-own": "kept" }, body: "" };
		});
	const event = functionUrlEvent("GET", "/", "", headers, "") as LambdaFunctionURLEvent;
	const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
	const answer = (await handler(event, context)) as APIGatewayProxyStructuredResultV2;
	return { value, answer };
}

function copyToFollower(): void {
	for (const [id, bucket] of world.store(EU).buckets) {
		for (const [key, item] of bucket.items)
			world
				.store(US)
				.buckets.get(id)
				?.items.set(key, { ...item });
	}
}

const SESSION = { "x-heliotrope-consistency": "session" };
const tokenOf = ({ headers }: APIGatewayProxyStructuredResultV2): string => String(headers?.["x-heliotrope-session"]);

describe("a guarded handler's session", () => {
	const text = async (store: PartitionStore, key: string) => Buffer.from((await store.get(key))?.body ?? "").toString();

	it("reads what it has written, at a follower that has it not yet, and from the follower once it has", async () => {
		const written = await run(US, SESSION, async (store) => {
			await store.put("k", "new");
			return store.session;
		});
		expect(written.value).toBeDefined();
		expect([tokenOf(written.answer), written.answer.headers?.["x-own"]]).toEqual([written.value, "kept"]);
		const later = { "x-heliotrope-session": tokenOf(written.answer) };
		world.forwards.length = 0;
		expect((await run(US, later, (store) => text(store, "k"))).value).toBe("new");
		expect(world.forwards).toHaveLength(1);
		copyToFollower();
		expect((await run(US, later, (store) => text(store, "k"))).value).toBe("new");
		expect(world.forwards).toHaveLength(1);
	});

	it("forgets nothing of what operations at the same time have seen", async () => {
		const keys = ["a", "b", "c"];
		await run(EU, {}, (store) => Promise.all(keys.map((key) => store.put(key, "old"))));
		copyToFollower();
		world.clock.advance(1000);
		const { answer } = await run(EU, SESSION, (store) => Promise.all(keys.map((key) => store.put(key, "new"))));
		const headers = { "x-heliotrope-session": tokenOf(answer) };
		expect((await run(US, headers, (store) => Promise.all(keys.map((key) => text(store, key))))).value).toEqual(["new", "new", "new"]);
		expect((await run(US, SESSION, (store) => text(store, "a"))).value).toBe("old");
	});

	it("is left alone by requests that ask for none, and refused where its token is none", async () => {
		const { value, answer } = await run(EU, {}, async (store) => {
			await store.put("k", "v");
			return store.session;
		});
		expect([value, answer.headers?.["x-heliotrope-session"]]).toEqual([undefined, undefined]);
		const refused = await run(EU, { "x-heliotrope-session": "nonsense" }, (store) => store.get("k"));
		expect(refused.answer).toMatchObject({ statusCode: 400 });
	});

	it("reads as it is told to, session or not", async () => {
		await run(EU, {}, (store) => store.put("k", "v"));
		world.forwards.length = 0;
		await run(US, SESSION, (store) => store.get("k", { consistency: "linearizable" }));
		expect(world.forwards).toHaveLength(1);
	});
});

describe("a guarded handler's batch", () => {
	const operations: readonly StoreOperation[] = [
		{ kind: "put", key: "a", body: Buffer.from([0, 255]), contentType: "image/x" },
		{ kind: "put", key: "b", body: "text", ifAbsent: true },
		{ kind: "get", key: "a" },
		{ kind: "get", key: "none" },
		{ kind: "delete", key: "none" },
		{ kind: "put", key: "b", body: "x", ifAbsent: true },
		{ kind: "delete", key: "b" },
	];

	it.each([EU, US])("tells what became of each operation, in %s", async (region) => {
		const { value } = await run(region, {}, (store) => store.batch(operations));
		const etag = expect.stringMatching(/^".+"$/);
		expect(value).toEqual([
			{ kind: "written", created: true, etag },
			{ kind: "written", created: true, etag },
			{ kind: "read", item: { body: Buffer.from([0, 255]), contentType: "image/x", etag } },
			{ kind: "not-found" },
			{ kind: "not-found" },
			{ kind: "precondition-failed" },
			{ kind: "deleted" },
		]);
	});

	it("is done once under its idempotency key, and belongs to the session", async () => {
		const twice = async (store: PartitionStore) => [
			await store.batch(operations.slice(0, 2), { idempotencyKey: "import-1" }),
			await store.batch(operations.slice(0, 2), { idempotencyKey: "import-1" }),
		];
		const { value = [], answer } = await run(US, SESSION, twice);
		expect(value[1]).toEqual(value[0]);
		world.forwards.length = 0;
		await run(US, { "x-heliotrope-session": tokenOf(answer) }, (store) => store.get("a"));
		expect(world.forwards).toHaveLength(1);
	});

	it("is refused whole where it is none, and says so where its partition does not exist", async () => {
		const tooMany = Array.from({ length: 26 }, (_, n) => ({ kind: "get", key: String(n) }) as const);
		expect((await run(EU, {}, (store) => store.batch(tooMany))).answer).toMatchObject({ statusCode: 400 });
		await world.fence(EU, "delete");
		await world.fence(US, "delete");
		world.metadata.control.clear();
		world.metadata.copies.clear();
		const unknown = run(EU, {}, (store) => store.batch([{ kind: "get", key: "k" }]).catch((error: unknown) => error));
		expect((await unknown).value).toBeInstanceOf(PartitionError);
	});
});

describe("an answer of the application", () => {
	it("says to the edge that it is no answer of what stands before it, and who leads the partition", async () => {
		const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
			.use(partitionGuard({ partition: () => P, stale: "serve", deps: world.depsOf(US), emit: () => {} }))
			.handler(async (event, { partition }) => {
				if (event.rawPath === "/items") await partition.get("k");
				return { statusCode: 403, headers: { "x-own": "kept" } };
			});
		const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
		const ask = async (path: string) => (await handler(functionUrlEvent("GET", path, "", {}, ""), context)).headers;
		expect(await ask("/")).toEqual({ "x-own": "kept", "x-heliotrope-request-id": expect.any(String) });
		expect(await ask("/items")).toMatchObject({
			"x-heliotrope-region": EU,
			"x-heliotrope-epoch": "1",
			"x-heliotrope-replicas": `${EU},${US}`,
			"x-own": "kept",
		});
	});

	it("of operations before and after a move tells what the later one has found", () => {
		const served = servedBy();
		const said = (epoch: string, region: string) => ({ headers: { "x-heliotrope-epoch": epoch, "x-heliotrope-region": region } });
		for (const [epoch, region] of [
			["2", US],
			["1", EU],
			["0", EU],
		] as const)
			served.learn(said(epoch, region));
		served.learn({ headers: {} });
		expect(served.headers()).toEqual(said("2", US).headers);
	});

	it("that it gives in place of its handler has the request's id as well", async () => {
		const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
			.use(partitionGuard({ partition: ({ rawPath }) => rawPath.slice(1), stale: "reject", deps: world.depsOf(US), emit: () => {} }))
			.handler(async () => ({ statusCode: 200 }));
		const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
		for (const [path, statusCode] of [
			[`/${P}`, 421],
			["/no partition", 400],
		] as const)
			expect(await handler(functionUrlEvent("GET", path, "", {}, ""), context)).toMatchObject({
				statusCode,
				headers: { "x-heliotrope-request-id": expect.any(String) },
			});
	});
});

describe("a request that nobody serves", () => {
	const statusIn = (line: string | undefined) => line?.split("\t")[REAL_TIME_LOG_FIELDS.indexOf("sc-status")];

	/** The answer in the region that follows, and the records it leaves. */
	async function sentOn(forward: Forward) {
		const lines: string[] = [];
		const emit = (line: string) => void lines.push(line);
		const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
			.use(partitionGuard({ partition: () => P, stale: "forward", deps: world.depsOf(US), emit, forward }))
			.handler(async () => ({ statusCode: 200 }));
		const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
		const { statusCode, headers } = await handler(functionUrlEvent("GET", "/", "", {}, ""), context);
		return { statusCode, headers, recorded: lines.map(statusIn) };
	}

	it("because the application there is out of reach is recorded here, as failed", async () => {
		const away = await sentOn(() => Promise.reject(new UnavailableError("cut")));
		expect(away).toMatchObject({ statusCode: 503, headers: { "retry-after": "1" }, recorded: ["503"] });
	});

	it.each([403, 429, 502])("because the entrance there answered %i is a problem of the API, too", async (status) => {
		const answer = await sentOn(async () => ({ status, headers: { "content-type": "text/plain" }, body: Buffer.from("x") }));
		expect(answer).toMatchObject({ statusCode: 503, headers: { "content-type": "application/problem+json" }, recorded: ["503"] });
		const own = { status, headers: { "x-heliotrope-request-id": "id-1" }, body: Buffer.from("x") };
		expect(await sentOn(async () => own)).toMatchObject({ statusCode: status, recorded: [] });
	});

	it("because nobody knows who leads is recorded as well", async () => {
		world.before = () => Promise.reject(new UnavailableError("down"));
		expect(await sentOn(() => Promise.reject(new Error("is not asked")))).toMatchObject({ statusCode: 503, recorded: ["503"] });
	});

	it("leaves no second record where the application there has answered", async () => {
		const headers = { "x-any": "kept", connection: "keep-alive", "transfer-encoding": "chunked", "x-amzn-requestid": "r" };
		const answered = await sentOn(async () => ({ status: 404, headers, body: Buffer.alloc(0) }));
		expect(answered).toEqual({ statusCode: 404, headers: { "x-any": "kept" }, recorded: [] });
	});
});
