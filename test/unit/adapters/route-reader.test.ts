import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { createRouteReader, decodeRoute } from "#adapters/dynamodb/route-reader.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { rttMs } from "#domain/geography/round-trip-time.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { decideRoute } from "#domain/routing/decide-route.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

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
	decideRoute({
		partition: acme,
		known: decodeRoute(acme, attributes),
		client: () => "c",
		nearRegion: tokyo,
		regions,
		rttMs,
		anyCopy: true,
	});

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

describe("a route", () => {
	/** Reads acme from copies in Tokyo and Dublin; `answers` says what each gives, in the order in which it is asked. */
	function reader(answers: Readonly<Record<string, () => unknown>>) {
		const asked: string[] = [];
		const clientFor = (region: string) =>
			({
				send: async () => {
					asked.push(region);
					return answers[region]?.();
				},
			}) as never;
		return { asked, read: () => createRouteReader({ tableName: "m", copies: [tokyo, dublin], clientFor })(acme) };
	}
	const down = () => {
		throw new Error("down");
	};

	it("comes from the nearest copy, which may know of no record", async () => {
		const { asked, read } = reader({ [tokyo]: () => ({ Item: item() }), [dublin]: down });
		expect(await read()).toEqual({
			leader: dublin,
			followers: [tokyo],
			epoch: 3,
			moving: true,
			buckets: 4,
			canary: { target: tokyo, weight: 1, salt: "m-1" },
		});
		expect(await reader({ [tokyo]: () => ({}), [dublin]: down }).read()).toBeUndefined();
		expect(asked).toEqual([tokyo]);
	});

	it("comes from the next one where the nearest is away, or has what cannot be read", async () => {
		for (const nearest of [down, () => ({ Item: { leader: { S: "nowhere" } } })]) {
			const { asked, read } = reader({ [tokyo]: nearest, [dublin]: () => ({ Item: item() }) });
			expect(await read()).toMatchObject({ leader: dublin });
			expect(asked).toEqual([tokyo, dublin]);
		}
	});

	it("is unavailable where no copy answers", async () => {
		await expect(reader({ [tokyo]: down, [dublin]: down }).read()).rejects.toThrow(UnavailableError);
	});
});

describe("a record that is none", () => {
	const whole = item();
	const { leader: _, ...broken } = whole;
	const readerOf = (answers: readonly (Record<string, AttributeValue> | Error)[]) => {
		const regions = [virginia, dublin].slice(0, answers.length);
		const send = async (region: (typeof regions)[number]) => {
			const answer = answers[regions.indexOf(region)];
			if (answer instanceof Error) throw answer;
			return { Item: answer };
		};
		return createRouteReader({ tableName: "metadata", copies: regions, clientFor: (region) => ({ send: () => send(region) }) as never });
	};

	it("is told from a table that is away, and another copy may have it whole", async () => {
		await expect(readerOf([broken, broken])(acme)).rejects.toMatchObject({ code: "metadata.invalid", retryable: false });
		await expect(readerOf([new Error("away"), broken])(acme)).rejects.toMatchObject({ code: "metadata.invalid", retryable: false });
		await expect(readerOf([broken, new Error("away")])(acme)).rejects.toMatchObject({ code: "metadata.unavailable", retryable: true });
		await expect(readerOf([broken, whole])(acme)).resolves.toMatchObject({ epoch: 3 });
	});
});
