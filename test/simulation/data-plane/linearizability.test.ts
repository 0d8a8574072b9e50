import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { DataPlaneWorld, EU, US } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { isLinearizable, type RegisterOperation } from "./check-register.ts";
import { transferLeadership } from "./transfer-leadership.ts";

/** Whole numbers below a bound, the same for the same seed. */
const numbers = (seed: number) => {
	const random = seededRandom(seed);
	return (below: number): number => Math.floor(random() * below);
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
	for (let i = 0; i < count; i++) await turn();
};

/** Clients at both regions work on a few keys while the leadership moves from EU to US and back, guarded throughout. */
async function run(seed: number, weaken: "nothing" | "no-carry"): Promise<Map<string, RegisterOperation[]>> {
	const world = new DataPlaneWorld([EU, US]);
	const below = numbers(seed);
	await world.fence(EU, { mode: "guarded", epoch: 1, peers: [US] });
	await world.fence(US, { role: "follower", mode: "guarded", epoch: 1, leader: EU });
	world.before = () => turns(below(4));
	const histories = new Map<string, RegisterOperation[]>();
	let time = 0;
	const client = async (region: RegionId, name: string): Promise<void> => {
		for (let i = 0; i < 6; i++) {
			const key = `k${below(2)}`;
			const history = histories.get(key) ?? [];
			histories.set(key, history);
			const start = time++;
			const headers = { "x-heliotrope-buckets": "2" };
			const choice = below(5);
			if (choice < 2) {
				const answer = await world.item(region, "GET", key, { headers });
				if (answer.status < 500) history.push({ kind: "read", value: answer.status === 200 ? answer.text : undefined, start, end: time++ });
			} else {
				const value = choice === 4 ? undefined : `${name}${i}`;
				const answer =
					value === undefined
						? await world.item(region, "DELETE", key, { headers })
						: await world.item(region, "PUT", key, { headers, body: value });
				// A delete that found nothing is a read of nothing.
				const kind = answer.status === 404 ? "read" : "write";
				history.push({ kind, value, start, end: answer.status < 500 ? time++ : Number.POSITIVE_INFINITY });
			}
			await turns(below(6));
		}
	};
	const mover = async (): Promise<void> => {
		await turns(10 + below(40));
		await transferLeadership(world, { from: EU, to: US, epoch: 1, carries: weaken !== "no-carry" });
		await turns(below(40));
		await transferLeadership(world, { from: US, to: EU, epoch: 2, carries: weaken !== "no-carry" });
	};
	await Promise.all([client(EU, "a"), client(US, "b"), client(EU, "c"), client(US, "d"), mover()]);
	return histories;
}

const violated = async (seed: number, weaken: "nothing" | "no-carry"): Promise<boolean> =>
	[...(await run(seed, weaken)).values()].some((history) => !isLinearizable(history));

describe("items while the leadership moves and returns", () => {
	it("stay linearizable per key (a failure prints the seed)", async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
				expect(await violated(seed, "nothing"), `seed ${seed}`).toBe(false);
			}),
			{ numRuns: 60 },
		);
	});

	it("would not without carrying the journal: the check sees a planted bug", async () => {
		const seeds = Array.from({ length: 30 }, (_, seed) => seed);
		const found = await Promise.all(seeds.map((seed) => violated(seed, "no-carry")));
		expect(found).toContain(true);
	});
});

describe("the checker", () => {
	const op = (kind: "read" | "write", value: string | undefined, start: number, end: number): RegisterOperation => ({
		kind,
		value,
		start,
		end,
	});
	it("takes what is linearizable and refuses what is not", () => {
		expect(isLinearizable([op("write", "a", 0, 1), op("read", "a", 2, 3)])).toBe(true);
		expect(isLinearizable([op("write", "a", 0, 1), op("read", undefined, 2, 3)])).toBe(false);
		expect(isLinearizable([op("write", "a", 0, 5), op("read", undefined, 1, 2), op("read", "a", 3, 4)])).toBe(true);
		expect(isLinearizable([op("write", "a", 0, 5), op("read", "a", 1, 2), op("read", undefined, 3, 4)])).toBe(false);
		expect(isLinearizable([op("write", "a", 0, Number.POSITIVE_INFINITY), op("read", undefined, 1, 2), op("read", "a", 3, 4)])).toBe(true);
	});
});
