import { beforeEach, describe, expect, it } from "vitest";
import type { TestAnswer } from "#test/__helpers__/data-plane-world.ts";
import { DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
beforeEach(() => {
	world = new DataPlaneWorld();
	world.record();
});

const keysOf = ({ json }: TestAnswer) => (json["items"] as { key: string }[]).map(({ key }) => key);

/** Leadership goes to the other region, where somebody writes at once. */
async function moveAndWrite(key: string): Promise<void> {
	await world.fence(US, { mode: "guarded", epoch: 2 });
	await world.fence(EU, { role: "follower", mode: "guarded", epoch: 2, leader: US });
	await world.item(US, "PUT", key, { body: "new" });
}

describe("a list at a leader", () => {
	it("does not count when a change of leadership overtook it", async () => {
		await world.fence(EU, { mode: "guarded" });
		await world.item(EU, "PUT", "a", { body: "old" });
		await world.list(EU);
		let done = false;
		world.before = async (operation, region) => {
			if (operation !== "readFences" || region !== EU || done) return;
			done = true;
			await moveAndWrite("b");
		};
		const listed = await world.list(EU);
		expect([keysOf(listed), listed.headers["x-heliotrope-region"], done]).toEqual([["b"], US, true]);
	});

	describe("with rows that were deleted", () => {
		const rows = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, "0")}`);
		beforeEach(async () => {
			await world.fence(EU, {});
			for (const key of [...rows, "z1", "z2"]) await world.item(EU, "PUT", key, { body: key });
			for (const key of rows) await world.item(EU, "DELETE", key);
		});

		it("looks further before it hands out a page, but not for ever", async () => {
			const pages: string[][] = [];
			let cursor: unknown;
			let reads = 0;
			world.before = (operation) => {
				if (operation === "listItems") reads += 1;
			};
			do {
				reads = 0;
				const page = await world.list(EU, `limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
				expect(reads).toBeLessThanOrEqual(16);
				pages.push(keysOf(page));
				cursor = page.json["cursor"];
			} while (cursor !== undefined);
			expect(pages.flat()).toEqual(["z1", "z2"]);
			expect(pages.length).toBeLessThan(6);
		});

		it("goes on reading only as long as its lease holds", async () => {
			let reads = 0;
			world.before = async (operation, region) => {
				if (operation !== "listItems" || region !== EU) return;
				reads += 1;
				if (reads !== 2) return;
				// by the end of the lease somebody else may lead, and does
				world.clock.advance(2_000);
				await moveAndWrite("z3");
			};
			const listed = await world.list(EU, "limit=2");
			expect([keysOf(listed), listed.headers["x-heliotrope-region"], reads]).toEqual([["z3"], US, 2]);
		});

		it("begins no further read when its time is over", async () => {
			let reads = 0;
			world.before = (operation) => {
				if (operation !== "listItems") return;
				reads += 1;
				if (reads === 2) world.clock.advance(500);
			};
			const path = `/v1/partitions/${P}/items`;
			const listed = await world.call(EU, "GET", path, { query: "limit=2", headers: { "x-heliotrope-timeout-ms": "400" } });
			expect([listed.status, listed.json["code"], reads]).toEqual([503, "deadline.exceeded", 2]);
		});
	});
});
