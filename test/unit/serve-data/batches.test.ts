import { beforeEach, describe, expect, it } from "vitest";
import { DeadlineError, UnavailableError } from "#domain/shared/errors.ts";
import { DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
beforeEach(async () => {
	world = new DataPlaneWorld();
	world.record();
	await world.fence(EU, { peers: [US] });
	await world.fence(US, { role: "follower", leader: EU });
});

const put = (key: string, body: string) => ({ method: "PUT", key, body });
const three = [put("a", "1"), put("b", "2"), put("c", "3")];
const outcomesOf = ({ json }: { json: Record<string, unknown> }) =>
	(json["outcomes"] as { status: number; code?: string }[]).map(({ status, code }) => (code === undefined ? status : [status, code]));

describe("a batch", () => {
	it.each([
		["deadline.exceeded", new DeadlineError("it is over")],
		["store.unavailable", new UnavailableError("down")],
	])("of which one operation fails with %s tells what became of the others", async (code, error) => {
		let writes = 0;
		world.before = (operation) => {
			if (operation === "writeSteady" && ++writes === 2) throw error;
		};
		const answer = await world.batch(EU, three);
		expect([answer.status, outcomesOf(answer)]).toEqual([207, [201, [503, code], 201]]);
	});

	it("whose first operation fails so is a problem as a whole, for nothing has been done", async () => {
		world.before = (operation) => {
			if (operation === "writeSteady") throw new UnavailableError("down");
		};
		expect(await world.batch(EU, three)).toMatchObject({
			status: 503,
			json: { code: "store.unavailable" },
			headers: { "retry-after": "1" },
		});
	});

	it("that its partition leaves leaves the rest to the client", async () => {
		let writes = 0;
		world.before = async (operation, region) => {
			if (operation !== "writeSteady" || region !== EU || ++writes !== 2) return;
			await world.fence(US, { mode: "guarded", epoch: 2 });
			await world.fence(EU, { role: "follower", mode: "guarded", epoch: 2, leader: US });
			// so late that the lease has ended
			world.clock.advance(2_000);
		};
		const answer = await world.batch(EU, three);
		expect(outcomesOf(answer)).toEqual([201, [503, "partition.unsettled"], [503, "partition.unsettled"]]);
		expect(world.forwards).toEqual([]);
		expect(outcomesOf(await world.batch(EU, three.slice(1)))).toEqual([201, 201]);
		expect(world.forwards).toEqual([`${EU} -> ${US}`]);
	});

	it("creates a partition whatever comes before the first write, and a batch of reads does not", async () => {
		const operations = [{ method: "GET", key: "a" }, { method: "DELETE", key: "b" }, put("a", "1"), { method: "GET", key: "a" }];
		const send = (some: readonly unknown[]) =>
			world.call(EU, "POST", "/v1/partitions/new:1/batch", { body: JSON.stringify({ operations: some }) });
		expect(await send(operations.slice(0, 2))).toMatchObject({ status: 404, json: { code: "partition.unknown" } });
		const answer = await send(operations);
		expect([answer.status, outcomesOf(answer)]).toEqual([207, [[404, "partition.unknown"], [404, "partition.unknown"], 201, 200]]);
		expect(answer.headers["x-heliotrope-region"]).toBe(EU);
	});

	it("with the same operation twice does it twice", async () => {
		const answer = await world.batch(EU, [put("a", "1"), put("a", "1")]);
		expect(outcomesOf(answer)).toEqual([201, 200]);
		const [first, second] = answer.json["outcomes"] as { etag: string }[];
		expect(first?.etag).not.toBe(second?.etag);
	});

	it("with a key or a type that no path and no header could bring is refused whole", async () => {
		const refused = async (operation: object, code: string) =>
			expect(await world.batch(EU, [put("a", "1"), operation]), JSON.stringify(operation)).toMatchObject({ status: 400, json: { code } });
		await refused(put("\ud800", ""), "item.key-invalid");
		await refused(put("x".repeat(513), ""), "item.key-invalid");
		await refused({ ...put("b", ""), contentType: "x".repeat(257) }, "request.invalid");
		await refused({ ...put("b", ""), contentType: "a/b\r\nx: y" }, "request.invalid");
		await refused({ ...put("b", ""), encoding: "hex" }, "request.invalid");
		await refused({ method: "PATCH", key: "b" }, "request.invalid");
		expect((await world.item(EU, "GET", "a")).status).toBe(404);
		expect(await world.call(EU, "POST", `/v1/partitions/${P}/batch/x`, { body: "{}" })).toMatchObject({ status: 404 });
	});
});
