import { beforeEach, describe, expect, it } from "vitest";
import { RECEIPT_SECONDS } from "#domain/partition/receipt.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

const keyed = (key: string, more: Record<string, string> = {}) => ({ headers: { "idempotency-key": key, ...more } });

describe.each(["steady", "guarded"] as const)("a write with an idempotency key, %s", (mode) => {
	let world: DataPlaneWorld;
	beforeEach(async () => {
		world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, { mode });
	});

	it("is done once, however many other writes come between, and answered as the first time", async () => {
		const first = await world.item(EU, "PUT", "a", { body: "one", ...keyed("K") });
		expect(first.status).toBe(201);
		expect(first.headers["idempotent-replayed"]).toBeUndefined();
		for (let i = 0; i < 30; i++) await world.item(EU, "PUT", "a", { body: `between ${i}`, ...keyed(`other-${i}`) });
		await world.item(EU, "PUT", "a", { body: "last" });
		const again = await world.item(EU, "PUT", "a", { body: "one", ...keyed('"K"') });
		expect(again).toMatchObject({ status: 201, headers: { etag: first.headers["etag"], "idempotent-replayed": "true" } });
		expect((await world.item(EU, "GET", "a")).text).toBe("last");
	});

	it("is refused with 422 where another request has used the key, whatever differs", async () => {
		await world.item(EU, "PUT", "a", { body: "one", ...keyed("K") });
		const reused = { status: 422, json: { code: "idempotency.key-reused" } };
		expect(await world.item(EU, "PUT", "a", { body: "two", ...keyed("K") })).toMatchObject(reused);
		expect(await world.item(EU, "PUT", "b", { body: "one", ...keyed("K") })).toMatchObject(reused);
		expect(await world.item(EU, "PUT", "a", { body: "one", ...keyed("K", { "content-type": "x/y" }) })).toMatchObject(reused);
		expect(await world.item(EU, "PUT", "a", { body: "one", ...keyed("K", { "if-none-match": "*" }) })).toMatchObject(reused);
		expect(await world.item(EU, "DELETE", "a", keyed("K"))).toMatchObject(reused);
		expect((await world.item(EU, "GET", "a")).text).toBe("one");
		expect((await world.item(EU, "GET", "b")).status).toBe(404);
	});

	it("repeats refusals and deletes as well", async () => {
		const missing = await world.item(EU, "DELETE", "a", keyed("D"));
		expect(missing).toMatchObject({ status: 404, json: { code: "item.not-found" } });
		await world.item(EU, "PUT", "a", { body: "now it is there" });
		expect(await world.item(EU, "DELETE", "a", keyed("D"))).toMatchObject({ status: 404, headers: { "idempotent-replayed": "true" } });
		const refused = await world.item(EU, "PUT", "a", { body: "x", ...keyed("P", { "if-none-match": "*" }) });
		expect(refused.status).toBe(412);
		await world.item(EU, "DELETE", "a");
		const again = await world.item(EU, "PUT", "a", { body: "x", ...keyed("P", { "if-none-match": "*" }) });
		expect(again).toMatchObject({ status: 412, headers: { etag: refused.headers["etag"] } });
		expect(await world.item(EU, "GET", "a")).toMatchObject({ status: 404 });
	});

	it("counts anew when its receipt has expired", async () => {
		await world.item(EU, "PUT", "a", { body: "one", ...keyed("K") });
		world.clock.advance(RECEIPT_SECONDS * 1000 + 1000);
		expect((await world.item(EU, "PUT", "a", { body: "two", ...keyed("K") })).status).toBe(200);
		expect(await world.item(EU, "PUT", "a", { body: "one", ...keyed("K") })).toMatchObject({ status: 422 });
	});

	it("leaves nothing that a client can see or name", async () => {
		await world.item(EU, "PUT", "a", { body: "one", ...keyed("K") });
		expect((await world.list(EU)).json).toEqual({ items: [expect.objectContaining({ key: "a" })] });
		expect((await world.list(EU, `prefix=${encodeURIComponent("\u{10FFFF}".repeat(128))}`)).json).toEqual({ items: [] });
		const receipt = [0, 1].flatMap((bucket) => [...(world.store(EU).buckets.get(`${P}#${bucket}`)?.items.keys() ?? [])]);
		expect(receipt).toHaveLength(2);
		for (const name of receipt.filter((one) => one !== "a"))
			expect(await world.item(EU, "GET", name)).toMatchObject({ status: 400, json: { code: "item.key-invalid" } });
	});

	it("means something for every write of a batch: what was done is not done again, what was not is", async () => {
		const operations = [
			{ method: "PUT", key: "a", body: "1" },
			{ method: "GET", key: "a" },
			{ method: "DELETE", key: "none" },
			{ method: "PUT", key: "b", body: "2" },
		];
		const send = (some: readonly unknown[]) =>
			world.call(EU, "POST", `/v1/partitions/${P}/batch`, { body: JSON.stringify({ operations: some }), ...keyed("B") });
		const first = await send(operations);
		expect((first.json["outcomes"] as { status: number }[]).map(({ status }) => status)).toEqual([201, 200, 404, 201]);
		expect((await world.item(EU, "GET", "b")).text).toBe("2");
		await world.item(EU, "PUT", "a", { body: "between" });
		const again = await send(operations);
		const statuses = ({ json }: typeof first) => (json["outcomes"] as { status: number; etag?: string }[]).map(({ status }) => status);
		expect(statuses(again)).toEqual(statuses(first));
		expect((await world.item(EU, "GET", "a")).text).toBe("between");
		expect(await send([{ method: "PUT", key: "c", body: "3" }, ...operations])).toMatchObject({ status: 422 });
		expect((await world.item(EU, "GET", "c")).status).toBe(404);
		expect(await world.item(EU, "PUT", "a", { body: "1", ...keyed("B") })).toMatchObject({ status: 422 });
	});

	describe("of a batch that fails half way", () => {
		const send = (operations: readonly unknown[]) =>
			world.call(EU, "POST", `/v1/partitions/${P}/batch`, { body: JSON.stringify({ operations }), ...keyed("B") });
		const put = (key: string, body: string) => ({ method: "PUT", key, body });
		const outcomes = ({ json }: Awaited<ReturnType<typeof send>>) =>
			(json["outcomes"] as { status: number; code?: string }[]).map(({ status, code }) => code ?? status);
		const failWrite = (number: number) => {
			let writes = 0;
			world.before = (operation) => {
				if (/^write/.test(operation) && ++writes === number) throw new UnavailableError("throttled");
			};
		};

		it("goes on where it ended when it is repeated, in the order it has", async () => {
			const operations = [put("b", "0"), put("a", "one"), put("a", "two"), { method: "GET", key: "a" }];
			failWrite(2);
			expect(outcomes(await send(operations))).toEqual([201, "store.unavailable", "store.unavailable", "store.unavailable"]);
			expect((await world.item(EU, "GET", "a")).status).toBe(404);
			world.before = undefined;
			expect(outcomes(await send(operations))).toEqual([201, 201, 200, 200]);
			expect((await world.item(EU, "GET", "a")).text).toBe("two");
		});

		it("refuses another batch under its key before anything of that is done", async () => {
			failWrite(1);
			expect(outcomes(await send([{ method: "GET", key: "z" }, put("a", "one"), put("b", "two")]))).toEqual([
				"item.not-found",
				"store.unavailable",
				"store.unavailable",
			]);
			world.before = undefined;
			// nothing has become of the first one, so the key is this one's now
			expect(outcomes(await send([put("c", "x"), put("d", "y")]))).toEqual([201, 201]);
			expect((await send([put("a", "one"), put("b", "two")])).status).toBe(422);
			expect((await world.item(EU, "GET", "a")).status).toBe(404);
		});
	});

	it("is told what is wrong with a key that is none", async () => {
		for (const bad of ["", "two words", "x".repeat(256), "ключ"])
			expect(await world.item(EU, "PUT", "a", keyed(bad))).toMatchObject({ status: 400, json: { code: "idempotency.key-invalid" } });
	});
});

describe("an idempotency key", () => {
	it("goes along when a request is forwarded", async () => {
		const world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		const first = await world.item(US, "PUT", "a", { body: "one", ...keyed("K") });
		const again = await world.item(US, "PUT", "a", { body: "one", ...keyed("K") });
		expect(again).toMatchObject({ status: 201, headers: { etag: first.headers["etag"], "idempotent-replayed": "true" } });
	});
});
