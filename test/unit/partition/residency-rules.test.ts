import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { isPartitionPattern, residencyFor } from "#domain/partition/residency-rules.ts";
import { AP, DataPlaneWorld, EU, US } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";

const [dublin, frankfurt] = ["eu-west-1", "eu-central-1"].map(regionId) as [ReturnType<typeof regionId>, ReturnType<typeof regionId>];
const RULES = [
	{ partitions: "eu-bank", regions: [frankfurt] },
	{ partitions: "eu-*", regions: [dublin, frankfurt] },
];

describe("residency rules", () => {
	it("hold by the first that matches, and say nothing of the rest", () => {
		expect(residencyFor(RULES, partitionId("eu-bank"))).toEqual([frankfurt]);
		expect(residencyFor(RULES, partitionId("eu-bank-2"))).toEqual([dublin, frankfurt]);
		expect(residencyFor(RULES, partitionId("us-bank"))).toBeUndefined();
		expect(residencyFor([{ partitions: "*", regions: [dublin] }], partitionId("x"))).toEqual([dublin]);
	});

	it("match a name and its beginnings, and no other", () => {
		const name = fc.stringMatching(/^[A-Za-z0-9._~:-]{1,40}$/).map(partitionId);
		fc.assert(
			fc.property(name, name, fc.nat(40), (one, other, length) => {
				const rule = (partitions: string) => [{ partitions, regions: [dublin] }];
				expect(residencyFor(rule(`${one.slice(0, length)}*`), one)).toEqual([dublin]);
				expect(residencyFor(rule(one), other) !== undefined).toBe(one === other);
				expect(residencyFor(rule(`${one}*`), other) !== undefined).toBe(other.startsWith(one));
			}),
		);
	});

	it.each([
		["acme", true],
		["eu-*", true],
		["*", true],
		["", false],
		["*-eu", false],
		["e*u", false],
		["a b*", false],
	])("pattern %j: %j", (pattern, good) => {
		expect(isPartitionPattern(pattern)).toBe(good);
	});
});

describe("a partition's first write", () => {
	it("binds it to the regions of its rule", async () => {
		const world = new DataPlaneWorld([EU, US, AP], (partition) => residencyFor([{ partitions: "eu-*", regions: [EU] }], partition));
		const answer = await world.call(EU, "PUT", "/v1/partitions/eu-1/items/k", { body: "v" });
		expect(answer.status).toBe(201);
		expect(await world.metadata.store().readControl(partitionId("eu-1"))).toMatchObject({ leader: EU, residency: [EU] });
	});

	it("creates it in a region that its rule allows, wherever the request came in", async () => {
		const world = new DataPlaneWorld([EU, US, AP], (partition) => residencyFor([{ partitions: "eu-*", regions: [EU] }], partition));
		const answer = await world.call(AP, "PUT", "/v1/partitions/eu-2/items/k", { body: "v" });
		expect([answer.status, answer.headers["x-heliotrope-region"]]).toEqual([201, EU]);
		expect(await world.metadata.store().readControl(partitionId("eu-2"))).toMatchObject({ leader: EU, residency: [EU] });
		expect(await world.store(AP).readFences(partitionId("eu-2"), 1)).toEqual([undefined]);
	});

	it("leaves others free", async () => {
		const world = new DataPlaneWorld([EU, US, AP], () => undefined);
		await world.call(AP, "PUT", "/v1/partitions/any/items/k", { body: "v" });
		const record = await world.metadata.store().readControl(partitionId("any"));
		expect(record?.leader).toBe(AP);
		expect(record?.residency).toBeUndefined();
	});
});
