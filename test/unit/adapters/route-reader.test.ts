import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { decodeRoute } from "#adapters/dynamodb/route-reader.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { rttMs } from "#domain/geography/round-trip-time.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { decideRoute } from "#domain/routing/decide-route.ts";

const [virginia, dublin, tokyo] = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId) as [
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
];
const acme = partitionId("acme");
const list = (...regions: string[]): AttributeValue => ({ L: regions.map((region) => ({ S: region })) });
/** Led from Dublin, copied to Tokyo, where a canary sends all clients. */
const item = (residency?: AttributeValue): Record<string, AttributeValue> => ({
	leader: { S: dublin },
	followers: list(tokyo),
	epoch: { N: "3" },
	phase: { S: "migrating" },
	buckets: { N: "4" },
	canary: { M: { target: { S: tokyo }, weight: { N: "1" } } },
	migrationId: { S: "m-1" },
	...(residency && { residency }),
});
const routed = (attributes: Record<string, AttributeValue>, regions = [virginia, dublin, tokyo]) =>
	decideRoute({ partition: acme, known: decodeRoute(acme, attributes), client: "c", nearRegion: tokyo, regions, rttMs, anyCopy: true });

describe("a residency attribute", () => {
	it("allows any region where there is none, and those that it lists", () => {
		expect(routed(item()).region).toBe(tokyo);
		expect(routed(item(list(dublin, tokyo))).region).toBe(tokyo);
		expect(routed(item(list(dublin))).region).toBe(dublin);
	});

	it.each<[string, AttributeValue]>([
		["a text", { S: `${dublin},${tokyo}` }],
		["a set", { SS: [dublin, tokyo] }],
		["null", { NULL: true }],
		["an empty list", { L: [] }],
		["a list of numbers", { L: [{ N: "1" }] }],
		["a list that names no region", list("Dublin", "")],
	])("that is %s allows no copy: requests go to the leader alone", (_, residency) => {
		expect(decodeRoute(acme, item(residency)).residency).toEqual([]);
		expect(routed(item(residency))).toMatchObject({ region: dublin, because: "leader" });
	});

	it("with something unreadable among its regions allows the others", () => {
		expect(decodeRoute(acme, item({ L: [{ S: dublin }, { N: "1" }, { S: "?" }] })).residency).toEqual([dublin]);
		expect(routed(item({ L: [{ S: dublin }, { N: "1" }] })).region).toBe(dublin);
	});

	it("holds as well where the leader's region is not deployed", () => {
		const abroad = (...allowed: string[]) => routed({ ...item(list(...allowed)), leader: { S: "sa-east-1" } });
		expect(abroad("sa-east-1", tokyo).region).toBe(tokyo);
		expect(abroad("sa-east-1", dublin).region).toBe(dublin);
	});
});
