import { beforeEach, describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { AP, DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
beforeEach(() => {
	world = new DataPlaneWorld();
});

describe("first touch", () => {
	it("creates the partition where the write came in, and nowhere else", async () => {
		expect((await world.item(US, "PUT", "k", { body: "v" })).status).toBe(201);
		expect(world.metadata.control.get(P)).toMatchObject({ leader: US, epoch: 1, phase: "active", buckets: 2, followers: [] });
		expect(await world.store(US).readFences(P, 2)).toMatchObject([{ role: "leader", mode: "steady", epoch: 1, peers: [] }, {}]);
		expect(await world.store(EU).readFences(P, 2)).toEqual([undefined, undefined]);
		expect(await world.item(EU, "GET", "k")).toMatchObject({ status: 200, text: "v", headers: { "x-heliotrope-region": US } });
	});

	it("does not happen for reads, lists and deletes", async () => {
		for (const answer of [await world.item(EU, "GET", "k"), await world.item(EU, "DELETE", "k"), await world.list(EU)])
			expect(answer).toMatchObject({ status: 404, json: { code: "partition.unknown" } });
		expect(world.metadata.control.size).toBe(0);
	});

	it("at two regions at once has one winner, and both writes land there", async () => {
		const answers = await Promise.all([world.item(EU, "PUT", "a"), world.item(US, "PUT", "b"), world.item(EU, "PUT", "c")]);
		expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
		const winner = world.metadata.control.get(P)?.leader;
		expect(new Set(answers.map(({ headers }) => headers["x-heliotrope-region"]))).toEqual(new Set([winner]));
		expect((await world.list(AP)).json["items"]).toMatchObject([{ key: "a" }, { key: "b" }, { key: "c" }]);
	});

	it("is completed by the next request after a crash between record and fences", async () => {
		world.record({ leader: EU });
		expect((await world.item(EU, "GET", "k")).json["code"]).toBe("item.not-found");
		expect((await world.store(EU).readFence({ partition: P, bucket: 1 }))?.role).toBe("leader");
	});

	it("is not made up for a partition that has moved before", async () => {
		world.record({ leader: EU, epoch: 3 });
		const answer = await world.item(EU, "PUT", "k");
		expect(answer).toMatchObject({ status: 503, json: { code: "partition.unavailable" }, headers: { "retry-after": "1" } });
		expect(await world.store(EU).readFence({ partition: P, bucket: 0 })).toBeUndefined();
	});

	it("creates nothing on the word of a stale copy of the record", async () => {
		world.record({ leader: EU });
		world.metadata.control.set(P, { ...world.metadata.control.get(P), leader: US, epoch: 2, version: 2 } as never);
		await world.fence(US, { epoch: 2 });
		expect((await world.item(EU, "PUT", "k")).headers["x-heliotrope-region"]).toBe(US);
		expect(await world.store(EU).readFence({ partition: P, bucket: 0 })).toBeUndefined();
	});
});

describe("a region that does not lead", () => {
	it.each(["follower", "joining", "removing", "moved", "aborted"] as const)("forwards as %s", async (role) => {
		world.record();
		await world.fence(EU, {});
		await world.fence(US, { role, leader: EU });
		expect((await world.item(US, "PUT", "k", { body: "v" })).status).toBe(201);
		expect(await world.item(US, "GET", "k", { headers: { "x-heliotrope-consistency": "eventual" } })).toMatchObject({
			status: 200,
			text: "v",
			headers: { "x-heliotrope-region": EU, "x-heliotrope-epoch": "1" },
		});
		expect((await world.list(US, "prefix=k")).json["items"]).toMatchObject([{ key: "k" }]);
		expect((await world.batch(US, [{ method: "GET", key: "k" }])).status).toBe(207);
		expect(new Set(world.forwards)).toEqual(new Set([`${US} -> ${EU}`]));
	});

	it("passes on what a request says of the item, and passes back what the answer says", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		const at = (method: string, headers: Record<string, string>, body = "") => world.item(US, method, "k", { headers, body });
		const made = await at("PUT", { "content-type": "text/x", "if-none-match": "*" }, "one");
		const { etag = "" } = made.headers;
		expect(made.status).toBe(201);
		expect(await at("PUT", { "if-none-match": "*" })).toMatchObject({ status: 412, headers: { etag } });
		expect(await at("GET", {})).toMatchObject({ status: 200, text: "one", headers: { "content-type": "text/x", etag } });
		expect((await at("GET", { "if-none-match": etag })).status).toBe(304);
		for (const method of ["PUT", "DELETE"]) expect((await at(method, { "if-match": '"1-1"' })).status).toBe(412);
		expect((await at("DELETE", { "if-match": etag })).status).toBe(204);
		world.onForward = () => {
			const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
			world.access = { authenticate: () => Promise.reject(new ProblemError("auth.invalid", "it has ended meanwhile", { headers })) };
		};
		expect(await at("GET", {})).toMatchObject({ status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } });
	});

	it.each([403, 429, 502])("answers 503 in place of the %i of what stands before the leader", async (status) => {
		await world.fence(US, { role: "follower", leader: EU });
		const forward = async () => ({ status, headers: { "content-type": "text/plain" }, body: Buffer.from("Rate Exceeded.") });
		const serve = createDataPlane({ ...world.depsOf(US), forward });
		expect(await serve(functionUrlEvent("GET", `/v1/partitions/${P}/items/k`, "", {}, ""))).toMatchObject({
			statusCode: 503,
			headers: { "retry-after": "1", "content-type": "application/problem+json" },
		});
	});

	it("reaches the leader in two hops over a stale fence", async () => {
		await world.fence(AP, { role: "moved", leader: US });
		await world.fence(US, { role: "moved", leader: EU });
		await world.fence(EU, { epoch: 3 });
		expect((await world.item(AP, "PUT", "k")).headers["x-heliotrope-region"]).toBe(EU);
		expect(world.forwards).toEqual([`${AP} -> ${US}`, `${US} -> ${EU}`]);
	});

	it("answers 503 route.loop when regions point at each other", async () => {
		await world.fence(EU, { role: "follower", leader: US });
		await world.fence(US, { role: "follower", leader: EU });
		expect(await world.item(EU, "GET", "k")).toMatchObject({ status: 503, json: { code: "route.loop" }, headers: { "retry-after": "1" } });
		expect(world.forwards.length).toBeLessThanOrEqual(2);
	});

	it("answers 503 when the leader cannot be reached", async () => {
		await world.fence(EU, { role: "follower", leader: US });
		world.unreachable.add(US);
		expect(await world.item(EU, "GET", "k")).toMatchObject({
			status: 503,
			json: { code: "region.unreachable" },
			headers: { "retry-after": "1" },
		});
	});

	it("recomputes the bucket when the route's count is not the fence's", async () => {
		world.record({ buckets: 4 });
		await world.fence(EU, { buckets: 4 });
		for (const stale of ["1", "2", "64", "x"]) {
			const headers = { "x-heliotrope-buckets": stale };
			for (const key of ["a", "b", "c", "d", "e"]) expect((await world.item(EU, "PUT", key, { headers })).status).toBeLessThan(300);
			expect((await world.call(EU, "GET", `/v1/partitions/${P}/items`, { headers })).json["items"]).toHaveLength(5);
		}
		const buckets = await Promise.all([0, 1, 2, 3].map((bucket) => world.store(EU).listItems({ partition: P, bucket }, { limit: 9 })));
		expect(buckets.flatMap(({ entries }) => entries)).toHaveLength(5);
	});
});

describe("a leader in cutover", () => {
	it("makes requests wait, and the new leader serves them", async () => {
		await world.fence(EU, { role: "fenced", mode: "guarded", leader: EU });
		let reads = 0;
		world.before = async (operation, region) => {
			if (operation !== "readFence" || region !== EU || ++reads !== 5) return;
			await world.fence(US, { epoch: 2, mode: "guarded" });
			await world.fence(EU, { role: "follower", epoch: 2, mode: "guarded", leader: US });
		};
		const began = world.clock.nowMs();
		expect(await world.item(EU, "PUT", "k")).toMatchObject({
			status: 201,
			headers: { "x-heliotrope-region": US, "x-heliotrope-epoch": "2" },
		});
		expect(world.clock.nowMs() - began).toBe(200);
	});

	it("lets them go with 503 after two seconds", async () => {
		await world.fence(EU, { role: "fenced", mode: "guarded" });
		const began = world.clock.nowMs();
		const answer = await world.item(EU, "GET", "k");
		expect(answer).toMatchObject({ status: 503, json: { code: "partition.fenced" }, headers: { "retry-after": "1" } });
		expect(world.clock.nowMs() - began).toBe(2_000);
	});
});

describe("while no copy of the metadata can be read", () => {
	const down = () => Promise.reject(new UnavailableError("down"));
	const metadata = { readNearest: down, readControl: down } as unknown as MetadataStore;
	const serve = (region: RegionId, headers: Record<string, string> = {}) =>
		createDataPlane({ ...world.depsOf(region), metadata })(functionUrlEvent("PUT", `/v1/partitions/${P}/items/k`, "", headers, "v"));

	it.each([undefined, "1", "2"])("a leader serves by its fence, whatever count of buckets a request bears: %s", async (hint) => {
		for (const buckets of [2, 8]) {
			await world.fence(EU, { buckets });
			const answer = await serve(EU, hint === undefined ? {} : { "x-heliotrope-buckets": hint });
			expect([answer.statusCode, answer.headers?.["x-heliotrope-region"]], String(buckets)).toEqual([201, EU]);
			world = new DataPlaneWorld();
		}
	});

	it("a follower sends on by its fence, and a stranger says that it cannot tell", async () => {
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		expect(await serve(US)).toMatchObject({ statusCode: 201, headers: { "x-heliotrope-region": EU } });
		expect(await serve(AP)).toMatchObject({ statusCode: 503, headers: { "retry-after": "1" } });
	});
});

describe("a steady leader's lease", () => {
	it("spares the fence read for two seconds, and no longer", async () => {
		await world.fence(EU, {});
		let reads = 0;
		world.before = (operation) => {
			if (operation === "readFence") reads += 1;
		};
		await world.item(EU, "PUT", "k", { headers: { "x-heliotrope-buckets": "2" } });
		world.clock.advance(1_999);
		await world.item(EU, "GET", "k", { headers: { "x-heliotrope-buckets": "2" } });
		expect(reads).toBe(1);
		world.clock.advance(1);
		await world.item(EU, "GET", "k", { headers: { "x-heliotrope-buckets": "2" } });
		expect(reads).toBe(2);
	});

	it("ends before a slow store is asked", async () => {
		await world.fence(EU, {});
		let slow = true;
		const order: string[] = [];
		world.before = async (operation) => {
			order.push(operation);
			if (operation === "readFence" && slow) {
				slow = false;
				world.clock.advance(5_000);
			}
		};
		expect((await world.item(EU, "GET", "k", { headers: { "x-heliotrope-buckets": "2" } })).status).toBe(404);
		expect(order).toEqual(["readFence", "readFence", "readItem"]);
	});
});

describe("a guarded leader", () => {
	it("does not let a read count that a change of leadership overtook", async () => {
		await world.fence(EU, { mode: "guarded" });
		await world.item(EU, "PUT", "k", { body: "old" });
		let done = false;
		world.before = async (operation, region) => {
			if (operation !== "readFence" || region !== EU || done) return;
			done = true;
			// Between the item and the fence that follows it, the leadership moves and the item is written there.
			await world.fence(US, { mode: "guarded", epoch: 2 });
			await world.fence(EU, { role: "follower", mode: "guarded", epoch: 2, leader: US });
			await world.item(US, "PUT", "k", { body: "new" });
		};
		expect(await world.item(EU, "GET", "k")).toMatchObject({ text: "new", headers: { "x-heliotrope-region": US } });
	});

	it("hands a write over when the fence changed beneath it", async () => {
		await world.fence(EU, { mode: "guarded" });
		await world.item(EU, "PUT", "k", { body: "old" });
		world.before = async (operation, region) => {
			if (operation !== "writeGuarded" || region !== EU) return;
			world.before = undefined;
			await world.fence(US, { mode: "guarded", epoch: 2 });
			await world.fence(EU, { role: "follower", mode: "guarded", epoch: 2, leader: US });
		};
		expect((await world.item(EU, "PUT", "k", { body: "new" })).headers["x-heliotrope-region"]).toBe(US);
	});
});

describe("the canary at a follower", () => {
	const canary = { headers: { "x-heliotrope-canary": "1", "x-heliotrope-buckets": "2" } };
	beforeEach(async () => {
		await world.fence(EU, { mode: "guarded", peers: [US] });
		await world.fence(US, { role: "follower", mode: "guarded", leader: EU });
		await world.item(EU, "PUT", "k", { body: "v" });
	});

	it("returns the leader's answer and reports a copy that differs", async () => {
		const behind = await world.item(US, "GET", "k", canary);
		expect(behind).toMatchObject({ status: 200, text: "v", headers: { "x-heliotrope-canary-divergence": "1", "x-heliotrope-region": EU } });
		expect(world.logs).toMatchObject([{ event: "canary.divergence", region: US, own: null }]);
	});

	it("reports none where both are the same, absent items included", async () => {
		for (const { bucket } of [{ bucket: 0 }, { bucket: 1 }]) {
			const item = await world.store(EU).readItem({ partition: P, bucket }, "k");
			if (item !== undefined) await world.store(US).carry({ partition: P, bucket }, item, { epoch: 1 });
		}
		expect((await world.item(US, "GET", "k", canary)).headers["x-heliotrope-canary-divergence"]).toBe("0");
		expect((await world.item(US, "GET", "none", canary)).headers["x-heliotrope-canary-divergence"]).toBe("0");
		expect(world.logs).toEqual([]);
	});

	it("counts a copy that was ahead of its leader, and answers all the same", async () => {
		const reported: string[] = [];
		world.onDivergence = (region, partition) => {
			reported.push(`${region} ${partition}`);
			return Promise.reject(new Error("the table is away"));
		};
		for (const { bucket } of [{ bucket: 0 }, { bucket: 1 }]) {
			const item = await world.store(EU).readItem({ partition: P, bucket }, "k");
			const newer = item && { ...item, version: { ...item.version, n: item.version.n + 1 } };
			if (newer !== undefined) await world.store(US).carry({ partition: P, bucket }, newer, { epoch: 1 });
		}
		expect(await world.item(US, "GET", "k", canary)).toMatchObject({ status: 200, text: "v" });
		expect(reported).toEqual([`${US} ${P}`]);
		expect(world.logs).toMatchObject([{ event: "canary.divergence", ahead: true }, { event: "canary.divergence-not-counted" }]);
	});

	it("forwards writes", async () => {
		const answer = await world.item(US, "PUT", "k", { ...canary, body: "w" });
		expect(answer).toMatchObject({ status: 200, headers: { "x-heliotrope-region": EU } });
	});
});

describe("failures", () => {
	it("of the store answer 503, of the code 500, and both are logged", async () => {
		await world.fence(EU, {});
		const { UnavailableError } = await import("#domain/shared/errors.ts");
		world.before = () => {
			throw new UnavailableError("throttled");
		};
		expect(await world.item(EU, "GET", "k")).toMatchObject({
			status: 503,
			json: { code: "store.unavailable" },
			headers: { "retry-after": "1" },
		});
		world.before = () => {
			throw new TypeError("secret detail");
		};
		const broken = await world.item(EU, "GET", "k");
		expect(broken).toMatchObject({ status: 500, json: { code: "internal" } });
		expect(broken.text).not.toContain("secret");
		expect(world.logs).toMatchObject([{ code: "store.unavailable" }, { code: "internal", message: "secret detail" }]);
	});
});
