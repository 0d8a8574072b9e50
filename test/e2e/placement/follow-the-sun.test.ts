import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { PlanAction } from "#domain/migration/request.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";

const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");
const MONDAY_MS = Date.UTC(2024, 2, 4);
/** Office hours by UTC. */
const OFFICES = [
	{ region: TOKYO, from: 0, to: 8 },
	{ region: IRELAND, from: 9, to: 17 },
] as const;
const REQUESTS_AN_HOUR = 2;
/** Days after which a copy that nobody near to it uses has to be gone: what the model remembers halves in two weeks. */
const PATIENCE_DAYS = 21;

interface Migrated {
	readonly plan: { readonly joins: readonly RegionId[]; readonly removals: readonly RegionId[]; readonly transfer?: RegionId };
	readonly progress?: { readonly items?: number; readonly copied?: number };
}

/** Some weeks of a cloud take a minute: `npm run follow-sun`, which the gate runs. */
const isAsked = process.env["HELIOTROPE_FOLLOW_SUN"] !== undefined;

describe.skipIf(!engineAvailable || !isAsked)("a partition of two offices on two continents, with two copies allowed", () => {
	let cloud: AdminCloud;
	let requests = 0;

	beforeAll(async () => {
		// a copy is charged more than by default, so that one which few use is given up within days, not weeks
		const placement = { maxCopies: 2, copyWeekMs: 800, holdoutShare: 0 };
		cloud = await AdminCloud.start([IRELAND, TOKYO], MONDAY_MS, { placement });
	});
	afterAll(() => cloud?.stop());

	/** The offices open on each of so many days; who leads is looked at in the middle of each office's day. */
	async function work(days: number, open: readonly RegionId[]): Promise<readonly string[]> {
		const leaders: string[] = [];
		for (let hour = 0; hour < 24 * days; hour += 1) {
			const office = OFFICES.find(({ region, from, to }) => open.includes(region) && hour % 24 >= from && hour % 24 < to);
			for (let n = 0; office !== undefined && n < REQUESTS_AN_HOUR; n += 1)
				expect((await cloud.view(office.region, "PUT", `partitions/acme/items/k${n}`, `${hour}`)).status).toBeLessThan(300);
			if (office !== undefined) requests += REQUESTS_AN_HOUR;
			if (office !== undefined && hour % 24 === office.from + 5) leaders.push(String((await partition())["leader"]));
			await cloud.wait(3600);
		}
		return leaders;
	}

	const partition = async () => (await cloud.admin("GET", "partitions/acme")).body;
	const decisions = async () => {
		const { body } = await cloud.admin("GET", "partitions/acme/decisions?limit=500");
		return body["decisions"] as readonly { verdict: string; reason: string; actions?: readonly PlanAction[]; migrationId?: string }[];
	};

	test("gets a second copy, and its leader is where the office is open", async () => {
		const leaders = await work(4, [TOKYO, IRELAND]);
		expect(await partition()).toMatchObject({ phase: "active" });
		expect(new Set([String((await partition())["leader"]), ...((await partition())["followers"] as string[])])).toEqual(
			new Set([IRELAND, TOKYO]),
		);
		// from the third day on: Tokyo in its morning, Ireland in its own
		expect(leaders.slice(4)).toEqual([TOKYO, IRELAND, TOKYO, IRELAND]);
		const moves = (await decisions()).filter(({ verdict }) => verdict === "move");
		expect(moves.filter(({ reason }) => reason === "copies").length).toBeGreaterThan(0);
		expect(moves.filter(({ reason }) => reason === "follow").length).toBeGreaterThanOrEqual(3);
	});

	test("copies nothing for it", async () => {
		for (const { reason, actions = [], migrationId } of (await decisions()).filter(({ verdict }) => verdict === "move")) {
			if (reason !== "follow") continue;
			expect(actions).toHaveLength(1);
			expect(actions[0]).toHaveProperty("transferLeadership");
			const { body } = await cloud.admin("GET", `migrations/${String(migrationId)}`);
			const { plan } = body as unknown as Migrated;
			expect([body["state"], plan.joins, plan.removals]).toEqual(["completed", [], []]);
		}
	});

	test("gives a copy back that is used no more", async () => {
		for (let day = 0; day < PATIENCE_DAYS && ((await partition())["followers"] as string[]).length > 0; day += 1) await work(1, [IRELAND]);
		expect(await partition()).toMatchObject({ leader: IRELAND, followers: [], phase: "active" });
		const [last] = (await decisions()).filter(({ verdict, reason }) => verdict === "move" && reason === "copies");
		expect(last?.actions).toEqual([{ removeFollower: TOKYO }]);
	});

	test("has saved what its report says, against staying where it was first touched", async () => {
		const { status, body } = await cloud.admin("GET", "savings?from=2024-03-04T00:00:00Z");
		const [own] = body["partitions"] as readonly { partition: string; accesses: number; savedMs: number }[];
		expect([status, own?.partition, own?.accesses]).toEqual([200, "acme", requests]);
		expect(own?.savedMs).toBeGreaterThan(0);
		expect(body).toMatchObject({ accesses: own?.accesses, savedMs: own?.savedMs, againstHoldout: { holdout: { partitions: 0 } } });
		expect(body["meanRttMs"]).toBeLessThan(body["staticMeanRttMs"] as number);
	});

	test("tells why, of every hour in which it was looked at", async () => {
		for (const decision of await decisions())
			expect(decision).toMatchObject({ copies: expect.any(Array), sets: expect.any(Array), forecast: { windowHours: 168 } });
	});

	test("in all of this no function has done what its permissions do not say", () => {
		const calls = cloud.cloud.callLog();
		expect(new Set(calls.map(({ caller }) => caller))).toContain("decide-placement");
		expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
	});
});
