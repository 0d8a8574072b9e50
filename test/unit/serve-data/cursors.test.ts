import { beforeEach, describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import { openWith, sealCursor } from "#lambdas/serve-data/cursor.ts";
import { CURSOR_KEY, DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

const names = Array.from({ length: 12 }, (_, i) => `k${String(i).padStart(2, "0")}`);

describe("a list's cursor", () => {
	let world: DataPlaneWorld;
	beforeEach(async () => {
		world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, {});
		for (const name of names) await world.item(EU, "PUT", name, { body: name });
	});
	const cursorOf = async (query: string): Promise<string> => String((await world.list(EU, query)).json["cursor"]);

	it("goes on where its page ended, wherever the partition is led by then and at whichever epoch", async () => {
		const cursor = await cursorOf("limit=5");
		for (const name of names) {
			const { body, ...item } = { body: Buffer.from(name), contentType: "", deleted: false, requestId: name, writtenAtMs: 1 };
			await world.fence(US, { role: "follower", leader: EU, epoch: 1 });
			const version = { epoch: 1, n: 5 };
			for (const bucket of [0, 1]) {
				if (!world.store(EU).buckets.get(`${P}#${bucket}`)?.items.has(name)) continue;
				await world.store(US).carry({ partition: P, bucket }, { ...item, key: name, version, body }, { epoch: 1 });
			}
		}
		await world.fence(EU, { role: "follower", leader: US, epoch: 2 });
		await world.fence(US, { role: "leader", leader: US, epoch: 2 });
		const next = await world.list(US, `limit=5&cursor=${cursor}`);
		expect((next.json["items"] as { key: string }[]).map(({ key }) => key)).toEqual(names.slice(5, 10));
	});

	it("is refused for another prefix, another partition, and when a single character of it differs", async () => {
		const cursor = await cursorOf("limit=3&prefix=k");
		const invalid = { status: 400, json: { code: "cursor.invalid" } };
		expect((await world.list(EU, `limit=3&prefix=k&cursor=${cursor}`)).status).toBe(200);
		expect(await world.list(EU, `limit=3&cursor=${cursor}`)).toMatchObject(invalid);
		expect(await world.list(EU, `limit=3&prefix=k0&cursor=${cursor}`)).toMatchObject(invalid);
		world.record();
		await world.call(EU, "PUT", "/v1/partitions/other/items/k", { body: "x" });
		expect(await world.call(EU, "GET", "/v1/partitions/other/items", { query: `prefix=k&cursor=${cursor}` })).toMatchObject(invalid);
		for (let i = 0; i < cursor.length; i++) {
			const changed = `${cursor.slice(0, i)}${cursor[i] === "A" ? "B" : "A"}${cursor.slice(i + 1)}`;
			expect(await world.list(EU, `prefix=k&cursor=${changed}`), String(i)).toMatchObject(invalid);
		}
		const forged = [
			names[0],
			`${cursor}A`,
			`${cursor}=`,
			cursor.slice(0, -4),
			"",
			"%00",
			"A".repeat(2000),
			Buffer.from("k05").toString("base64url"),
		];
		for (const text of forged) expect(await world.list(EU, `prefix=k&cursor=${text}`), text).toMatchObject(invalid);
	});

	it("cannot be made for a list whose scope only looks the same", () => {
		const sealed = sealCursor(CURSOR_KEY, { partition: partitionId("a"), prefix: "bc" }, "d");
		for (const [partition, prefix] of [
			["ab", "c"],
			["a", "b"],
			["a", "bcd"],
		] as const)
			expect(openWith([CURSOR_KEY], { partition: partitionId(partition), prefix }, sealed)).toBeUndefined();
		expect(openWith([new Uint8Array(32)], { partition: partitionId("a"), prefix: "bc" }, sealed)).toBeUndefined();
		expect(openWith([new Uint8Array(32), CURSOR_KEY], { partition: partitionId("a"), prefix: "bc" }, sealed)).toBeDefined();
	});
});
