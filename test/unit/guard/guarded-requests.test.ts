import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import type { Forward } from "#domain/ports/forward.ts";
import { type GuardedContext, type GuardOptions, type PartitionStore, partitionGuard } from "#guard/index.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
let records: (string | undefined)[];
beforeEach(async () => {
	world = await DataPlaneWorld.followed();
	records = [];
});

interface Asked {
	readonly headers?: Record<string, string>;
	readonly cookies?: string[] | undefined;
	readonly body?: string;
	readonly remainingMs?: number;
	readonly options?: Partial<GuardOptions>;
}

/** What a handler behind the guard in the region that follows comes to. */
function ask(
	work: (store: PartitionStore) => Promise<unknown>,
	{ headers = {}, cookies, body = "", remainingMs = 10_000, options }: Asked = {},
): Promise<APIGatewayProxyStructuredResultV2> {
	const emit = (line: string) => void records.push(line.split("\t")[REAL_TIME_LOG_FIELDS.indexOf("sc-status")]);
	const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
		.use(partitionGuard({ partition: () => P, stale: "serve", deps: world.depsOf(US), emit, ...options }))
		.handler(async (_event, { partition }) => {
			await work(partition);
			return { statusCode: 204 };
		});
	const context = { getRemainingTimeInMillis: () => remainingMs } as Context as GuardedContext;
	const event = functionUrlEvent("POST", "/notes/x", "a=%2F", headers, body);
	return handler({ ...event, ...(cookies !== undefined && { cookies }) }, context);
}

const codeOf = ({ body = "" }: APIGatewayProxyStructuredResultV2): unknown => JSON.parse(Buffer.from(body, "base64").toString("utf8")).code;
const bearer = "Bearer a.b.c";

describe("a request that is sent on to the application where the partition is led", () => {
	const sent: Parameters<Forward>[1][] = [];
	const forward: Forward = async (_to, request) => {
		sent.push(request);
		return { status: 200, headers: answered, body: Buffer.alloc(0) };
	};
	const sendOn = (headers: Record<string, string>, cookies?: string[]) =>
		ask(() => Promise.reject(new Error("runs there")), { headers, cookies, body: "note", options: { stale: "forward", forward } });
	let answered: Record<string, string> = {};
	beforeEach(() => void sent.splice(0));

	it("goes as it came, but for what belongs to one hop", async () => {
		const ofOneHop = {
			host: "here",
			authorization: "AWS4-HMAC-SHA256 x",
			"x-amz-date": "d",
			"x-forwarded-for": "1.2.3.4",
			connection: "x",
		};
		await sendOn({ ...ofOneHop, "x-own": "kept", "content-type": "a/b" });
		expect(sent).toMatchObject([{ method: "POST", target: "/notes/x?a=%2F", body: Buffer.from("note") }]);
		expect(sent[0]?.headers).toEqual({
			"x-own": "kept",
			"content-type": "a/b",
			"x-heliotrope-edge-region": US,
			"x-heliotrope-hops": "1",
			"x-heliotrope-request-id": expect.any(String),
		});
	});

	it("takes its caller's token along, and keeps where its edge is", async () => {
		await sendOn({ authorization: bearer, "x-heliotrope-edge-region": "ap-northeast-1", "x-heliotrope-hops": "1" });
		await sendOn({ "x-heliotrope-authorization": bearer, authorization: "AWS4-HMAC-SHA256 x" });
		expect(sent.map(({ headers }) => headers["x-heliotrope-authorization"])).toEqual([bearer, bearer]);
		expect(sent.map(({ headers }) => headers["authorization"])).toEqual([undefined, undefined]);
		expect(sent[0]?.headers).toMatchObject({ "x-heliotrope-edge-region": "ap-northeast-1", "x-heliotrope-hops": "2" });
	});

	it("takes credentials of another scheme along, for a login of the application's own, and no signature", async () => {
		for (const authorization of ["Basic YTpi", "Session 1", "AWS4-HMAC-SHA256 x", "AWS4-ECDSA-P256-SHA256 x"])
			await sendOn({ authorization });
		expect(sent.map(({ headers }) => headers["x-heliotrope-authorization"])).toEqual(["Basic YTpi", "Session 1", undefined, undefined]);
	});

	it("takes its cookies along, wherever the event has them", async () => {
		await sendOn({ cookie: "a=1; b=2" }, ["a=1", "b=2"]);
		await sendOn({}, ["a=1", "b=2"]);
		await sendOn({}, []);
		expect(sent.map(({ headers }) => headers["cookie"])).toEqual(["a=1; b=2", "a=1; b=2", undefined]);
	});

	it("brings back each cookie that is set there", async () => {
		const one = "login=x; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/";
		answered = { "set-cookie": `${one}, other=a=b,c; Path=/, __Host-id=1`, "x-own": "kept" };
		const { cookies, headers } = await sendOn({});
		expect([cookies, headers]).toEqual([[one, "other=a=b,c; Path=/", "__Host-id=1"], { "x-own": "kept" }]);
		answered = {};
		expect((await sendOn({})).cookies).toBeUndefined();
	});

	it("is not sent on a third time", async () => {
		const answer = await sendOn({ "x-heliotrope-hops": "2" });
		expect([answer.statusCode, codeOf(answer), sent, records]).toEqual([503, "route.loop", [], ["503"]]);
	});
});

describe("an operation of a guarded handler", () => {
	it("takes the caller's token to the region that leads, and no signature", async () => {
		const tokens: unknown[] = [];
		world.onForward = ({ headers }) => tokens.push(headers["x-heliotrope-authorization"]);
		await ask((store) => store.get("k"), { headers: { authorization: bearer } });
		await ask((store) => store.get("k"), { headers: { "x-heliotrope-authorization": bearer, authorization: "AWS4-HMAC-SHA256 x" } });
		await ask((store) => store.get("k"), { headers: { authorization: "AWS4-HMAC-SHA256 x" } });
		expect(tokens).toEqual([bearer, bearer, undefined]);
	});

	it("that cannot be done now makes the answer a problem with Retry-After, if the handler lets it through", async () => {
		world.unreachable.add(EU);
		const answer = await ask((store) => store.put("k", "v"));
		expect(answer).toMatchObject({ statusCode: 503, headers: { "retry-after": "1", "content-type": "application/problem+json" } });
		expect([codeOf(answer), records]).toEqual(["region.unreachable", ["503"]]);
	});

	it("is not begun when the invocation is about to be stopped", async () => {
		const answer = await ask((store) => store.put("k", "v"), { remainingMs: 900 });
		expect([answer.statusCode, codeOf(answer), world.forwards]).toEqual([503, "deadline.exceeded", []]);
	});

	it.each(["put", "delete"] as const)("%s is done once under its idempotency key", async (kind) => {
		await ask((store) => store.put("k", "before"));
		const once = { idempotencyKey: "once-1" };
		await ask((store) => (kind === "put" ? store.put("k", "mine", once) : store.delete("k", once)));
		await ask((store) => store.put("k", "between"));
		await ask((store) => (kind === "put" ? store.put("k", "mine", once) : store.delete("k", once)));
		expect((await world.item(EU, "GET", "k")).text).toBe("between");
	});
});

describe("a handler that fails", () => {
	it("fails as it would without the guard, and is recorded as failed", async () => {
		await expect(ask(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
		expect(records).toEqual(["500"]);
	});

	it("is given no store where the request is about no partition, and leaves no record", async () => {
		const stores: unknown[] = [];
		await ask(async (given) => stores.push(given), { options: { partition: () => undefined } });
		expect([stores, records]).toEqual([[undefined], []]);
	});
});
