import { beforeEach, describe, expect, it } from "vitest";
import { openAccess } from "#lambdas/serve-data/access.ts";
import { Admission, bytesOf } from "#lambdas/serve-data/admission.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { forwardToLeader } from "#lambdas/serve-data/forward-request.ts";
import { incomingOf, parseRequest } from "#lambdas/serve-data/parse-request.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

const within = (ms: number | string) => ({ headers: { "x-heliotrope-timeout-ms": String(ms) } });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a request's time", () => {
	let world: DataPlaneWorld;
	beforeEach(async () => {
		world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
	});

	it("ends a wait for a cutover with 503, and nothing is written afterwards", async () => {
		await world.fence(EU, { role: "fenced" });
		const answer = await world.item(EU, "PUT", "k", { body: "v", ...within(120) });
		expect(answer).toMatchObject({ status: 503, json: { code: "deadline.exceeded" }, headers: { "retry-after": "1" } });
		await world.fence(EU, { role: "leader" });
		for (let i = 0; i < 20; i++) await turn();
		expect((await world.item(EU, "GET", "k")).status).toBe(404);
	});

	it("is over before a write is begun when looking at the fence took it all", async () => {
		world.before = (operation) => {
			if (operation === "readFence") world.clock.advance(200);
		};
		expect(await world.item(EU, "PUT", "k", { body: "v", ...within(100) })).toMatchObject({
			status: 503,
			json: { code: "deadline.exceeded" },
		});
		world.before = undefined;
		expect((await world.item(EU, "GET", "k")).status).toBe(404);
	});

	it("runs from when the request came, however long it takes to know who asks", async () => {
		world.access = {
			authenticate: async (headers) => {
				world.clock.advance(200);
				return openAccess.authenticate(headers);
			},
		};
		expect(await world.item(EU, "PUT", "k", { body: "v", ...within(100) })).toMatchObject({
			status: 503,
			json: { code: "deadline.exceeded" },
		});
		world.access = openAccess;
		expect((await world.item(EU, "GET", "k")).status).toBe(404);
	});

	it("is what Lambda leaves, where nothing was asked for", async () => {
		const answer = await world.invoke(EU, "PUT", `/v1/partitions/${P}/items/k`, { body: "v" }, { getRemainingTimeInMillis: () => 900 });
		expect(answer).toMatchObject({ status: 503, json: { code: "deadline.exceeded" } });
		expect((await world.invoke(EU, "GET", `/v1/partitions/${P}/items/k`, {}, { getRemainingTimeInMillis: () => 9_000 })).status).toBe(404);
	});

	it("goes along with a forward, as what is left of it", async () => {
		const seen: string[] = [];
		world.onForward = ({ headers }) => seen.push(headers["x-heliotrope-timeout-ms"] ?? "");
		await world.item(US, "GET", "k", within(500));
		await world.item(US, "GET", "k");
		expect(seen).toEqual(["500", "6000"]);
	});

	it("goes along as a time that the leader takes, when a fraction of a millisecond is left or it ends at that moment", async () => {
		const seen: string[] = [];
		world.onForward = ({ headers }) => seen.push(headers["x-heliotrope-timeout-ms"] ?? "");
		const path = `/v1/partitions/${P}/items/k`;
		const invocation = { getRemainingTimeInMillis: () => 1_000.25 };
		expect((await world.invoke(US, "GET", path, {}, invocation)).json["code"]).toBe("item.not-found");
		// it is not over at the first look at the clock, and over at the next one
		const times = [0, 40];
		const clock = { nowMs: () => times.shift() ?? 40, sleep: () => Promise.resolve() };
		const request = parseRequest(incomingOf(functionUrlEvent("GET", path, "", {}, "")));
		await forwardToLeader({ ...world.depsOf(US), clock, notAfterMs: 40 }, request, "request-1", { leader: EU, buckets: 2 });
		expect(seen).toEqual(["1", "1"]);
	});

	it("is refused when it is none", async () => {
		for (const text of ["0", "-1", "1.5", "soon", "60001", "", "1e3"])
			expect(await world.item(EU, "GET", "k", within(text)), text).toMatchObject({ status: 400, json: { code: "deadline.invalid" } });
	});

	it("leaves later operations of a batch undone, each with its own outcome", async () => {
		let writes = 0;
		world.after = (operation) => {
			if (operation === "writeSteady" && ++writes === 2) world.clock.advance(1000);
		};
		const operations = ["a", "b", "c"].map((key) => ({ method: "PUT", key, body: key }));
		const answer = await world.call(EU, "POST", `/v1/partitions/${P}/batch`, { body: JSON.stringify({ operations }), ...within(500) });
		expect(answer.json["outcomes"]).toMatchObject([{ status: 201 }, { status: 201 }, { status: 503, code: "deadline.exceeded" }]);
		expect((await world.item(EU, "GET", "c")).status).toBe(404);
	});
});

describe("the answer to a batch", () => {
	/** What Lambda takes of a function, as JSON. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
	const MOST_BYTES = 6 * 1024 * 1024;

	it("holds 4 MiB of items as one that Lambda takes, and refuses the items beyond, each by itself", async () => {
		const world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, {});
		const key = "\u0001".repeat(512);
		await world.item(EU, "PUT", key, { body: new Uint8Array(256 * 1024).fill(255) });
		const body = JSON.stringify({ operations: Array(25).fill({ method: "GET", key }) });
		const event = functionUrlEvent("POST", `/v1/partitions/${P}/batch`, "", {}, body);
		const result = await createDataPlane(world.depsOf(EU))(event);
		expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(MOST_BYTES);
		const outcomes = (await world.call(EU, "POST", `/v1/partitions/${P}/batch`, { body })).json["outcomes"] as { status: number }[];
		expect(outcomes.map(({ status }) => status)).toEqual([...Array(16).fill(200), ...Array(9).fill(413)]);
		expect(outcomes.at(-1)).toEqual({ status: 413, key, code: "batch.too-large" });
	});
});

describe("load", () => {
	it("beyond what memory can hold is refused with 503 and Retry-After, and taken on again when it has gone", async () => {
		const world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, {});
		world.before = turn;
		const body = new Uint8Array(200 * 1024);
		const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => world.item(EU, "PUT", `k${i}`, { body })));
		const taken = answers.filter(({ status }) => status === 201);
		const shed = answers.filter(({ status }) => status === 503);
		expect(taken.length + shed.length).toBe(100);
		// 64 MiB, three copies of each body and what a read may hold.
		expect(taken.length).toBe(Math.floor((64 * 1024 * 1024) / (3 * body.byteLength + 768 * 1024)));
		for (const answer of shed) expect(answer).toMatchObject({ json: { code: "load.shed" }, headers: { "retry-after": "1" } });
		expect(world.admission.heldBytes).toBe(0);
		expect((await world.item(EU, "PUT", "again", { body })).status).toBe(201);
	});

	it("of a list grows with the buckets that its partition has", () => {
		const bytes = (buckets?: string) => {
			const headers = buckets === undefined ? {} : { "x-heliotrope-buckets": buckets };
			return bytesOf({ method: "GET", path: `/v1/partitions/${P}/items`, headers, body: new Uint8Array() });
		};
		expect(bytes()).toBe(5 * 1024 * 1024);
		expect([bytes("1"), bytes("2"), bytes("65"), bytes("many")]).toEqual(Array(4).fill(bytes()));
		expect(bytes("64")).toBe(32 * bytes());
	});

	it("lets a single request in whatever it takes, and counts failures out", async () => {
		const admission = new Admission(10);
		await expect(admission.during(1000, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
		expect(admission.heldBytes).toBe(0);
		expect(await admission.during(1000, async () => admission.heldBytes)).toBe(1000);
	});
});
