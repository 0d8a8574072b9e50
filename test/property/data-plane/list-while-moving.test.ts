import { expect, test } from "vitest";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";

const BUCKETS = 4;
const PREFIXES = ["", "ä", "a", "\u{1f426}", "no-such"];
/** Among them keys whose order in UTF-16 is not that of their bytes. */
const keys = fc.uniqueArray(
	fc
		.tuple(fc.constantFrom("a", "ä", "\u{1f426}", "\uff5e", "B/"), fc.string({ unit: "grapheme", maxLength: 3 }))
		.map((parts) => parts.join("")),
	{ minLength: 1, maxLength: 24 },
);
const bytesOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a migration makes of the fences: the feed runs, then a copy that lags behind nothing leads. */
const STEPS: readonly ((world: DataPlaneWorld) => Promise<void>)[] = [
	async (world) => {
		await world.fence(US, { role: "follower", mode: "guarded", leader: EU, buckets: BUCKETS });
		await world.fence(EU, { mode: "guarded", peers: [US], buckets: BUCKETS });
	},
	async (world) => {
		for (const ref of bucketsOf(P, BUCKETS)) {
			const { items } = world.store(EU).buckets.get(`${P}#${ref.bucket}`) ?? { items: new Map() };
			for (const item of items.values()) await world.store(US).carry(ref, item, { epoch: 1 });
		}
		await world.fence(US, { mode: "guarded", epoch: 2, leader: US, buckets: BUCKETS });
		await world.fence(EU, { role: "follower", mode: "guarded", epoch: 2, leader: US, buckets: BUCKETS });
		// so late that no lease of the old leader holds
		world.clock.advance(5_000);
	},
];

test("a list that is read page by page while its partition moves has every key once, in the order of bytes", async () => {
	const plan = fc.record({
		keys,
		prefix: fc.constantFrom(...PREFIXES),
		limits: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
		pagesBetween: fc.array(fc.nat(3), { minLength: STEPS.length, maxLength: STEPS.length }),
		asked: fc.array(fc.constantFrom(EU, US), { minLength: 1, maxLength: 3 }),
	});
	await fc.assert(
		fc.asyncProperty(plan, async (drawn) => {
			const world = new DataPlaneWorld();
			world.record({ buckets: BUCKETS });
			await world.fence(EU, { buckets: BUCKETS });
			await world.fence(US, { role: "follower", leader: EU, buckets: BUCKETS });
			for (const key of drawn.keys) expect((await world.item(EU, "PUT", key, { body: key })).status).toBe(201);
			const found: string[] = [];
			let cursor: unknown;
			let wait = drawn.pagesBetween[0] ?? 0;
			let step = 0;
			for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
				for (; step < STEPS.length && wait === 0; wait = drawn.pagesBetween[step] ?? 0) await STEPS[step++]?.(world);
				wait -= 1;
				const query = new URLSearchParams({ prefix: drawn.prefix, limit: String(drawn.limits[page % drawn.limits.length]) });
				if (cursor !== undefined) query.set("cursor", String(cursor));
				const answer = await world.list(drawn.asked[page % drawn.asked.length] ?? EU, String(query));
				expect(answer.status, answer.text).toBe(200);
				found.push(...(answer.json["items"] as { key: string }[]).map(({ key }) => key));
				cursor = answer.json["cursor"];
			}
			expect(found).toEqual(drawn.keys.filter((key) => key.startsWith(drawn.prefix)).sort(bytesOrder));
		}),
		{ numRuns: 60 },
	);
});
