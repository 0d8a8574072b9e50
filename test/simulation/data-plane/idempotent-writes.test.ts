import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { isReceiptKey } from "#domain/partition/receipt.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { DataPlaneWorld, EU, P, type TestAnswer, US } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { transferLeadership } from "./transfer-leadership.ts";

const KEYS = ["k0", "k1"];
const LOST = 0.15;

interface Outcome {
	/** Of every answer that was not a 5xx: status and entity tag. */
	readonly answers: readonly string[];
	readonly key: string;
	/** No answer says what became of it: it may have taken effect, once. */
	readonly unknown: boolean;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Clients that repeat every write with its idempotency key, answered or not, while answers get lost and leadership moves and returns. */
async function run(seed: number, withKeys: boolean): Promise<{ outcomes: readonly Outcome[]; writes: number }> {
	const world = new DataPlaneWorld([EU, US]);
	const random = seededRandom(seed);
	const below = (bound: number): number => Math.floor(random() * bound);
	const turns = async (count: number): Promise<void> => {
		for (let i = 0; i < count; i++) await turn();
	};
	await world.fence(EU, { mode: "guarded", epoch: 1, peers: [US] });
	await world.fence(US, { role: "follower", mode: "guarded", epoch: 1, leader: EU });
	for (const key of KEYS) await world.item(EU, "PUT", key, { body: "first", headers: { "x-heliotrope-buckets": "2" } });
	const before = writesOf(world);
	world.before = () => turns(below(4));
	let ended = false;
	world.after = (operation) => {
		if (!ended && operation === "writeGuarded" && random() < LOST) throw new UnavailableError("lost");
	};
	const outcomes: Outcome[] = [];
	const client = async (region: RegionId, name: string): Promise<void> => {
		for (let i = 0; i < 5; i++) {
			const key = KEYS[below(KEYS.length)] ?? "k0";
			const request = {
				body: `${name}${i}`,
				headers: { "x-heliotrope-buckets": "2", ...(withKeys && { "idempotency-key": `${name}-${i}` }) },
			};
			const got: TestAnswer[] = [];
			for (let tries = 1 + below(4); tries > 0; tries--) {
				got.push(await world.item(below(2) === 0 ? region : US, "PUT", key, request));
				await turns(below(12));
			}
			const answers = got.filter(({ status }) => status < 500).map(({ status, headers }) => `${status} ${headers["etag"]}`);
			outcomes.push({ key, answers, unknown: answers.length === 0 });
		}
	};
	const mover = async (): Promise<void> => {
		await turns(10 + below(40));
		await transferLeadership(world, { from: EU, to: US, epoch: 1 });
		await turns(below(40));
		await transferLeadership(world, { from: US, to: EU, epoch: 2 });
	};
	await Promise.all([client(EU, "a"), client(US, "b"), client(EU, "c"), mover()]);
	ended = true;
	return { outcomes, writes: writesOf(world) - before };
}

/** How often the items at the leader have been written: each write counts n up by one. */
const writesOf = (world: DataPlaneWorld): number =>
	[0, 1]
		.flatMap((bucket) => [...(world.store(EU).buckets.get(`${P}#${bucket}`)?.items.values() ?? [])])
		.filter(({ key }) => !isReceiptKey(key))
		.reduce((sum, { version }) => sum + version.n, 0);

function check({ outcomes, writes }: Awaited<ReturnType<typeof run>>): boolean {
	const same = outcomes.every(({ answers }) => new Set(answers).size <= 1);
	const known = outcomes.filter(({ unknown }) => !unknown).length;
	return same && writes >= known && writes <= outcomes.length;
}

describe("writes with an idempotency key, repeated while answers are lost and the leadership moves", () => {
	it("take effect once and are always answered the same (a failure prints the seed)", async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
				expect(check(await run(seed, true)), `seed ${seed}`).toBe(true);
			}),
			{ numRuns: 60 },
		);
	});

	it("would not without the key: the check sees it", async () => {
		const found = [];
		for (let seed = 0; seed < 10; seed++) found.push(check(await run(seed, false)));
		expect(found).toContain(false);
	});
});
