import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type MigrationRequest, moveActions } from "#domain/migration/request.ts";
import { ExecutionDied, execute } from "#simulation/engine/state-machine.ts";
import { A, B, C, type Hook, P } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";
import { lose, restore } from "./losing.ts";
import { checkQuiet, KEYS, PromotionWorld } from "./promotion-world.ts";

const FIRST = Number(process.env["HELIOTROPE_SIMULATION_SEED"] ?? 1);
const RUNS = Number(process.env["HELIOTROPE_SIMULATION_RUNS"] ?? 150);

/** The replica set besides A, and what is under way when a region is lost; none: nothing is. */
const PLANS: readonly { readonly followers: readonly RegionId[]; readonly actions: MigrationRequest["actions"] }[] = [
	{ followers: [B, C], actions: [] },
	{ followers: [B, C], actions: [{ transferLeadership: B }] },
	{ followers: [C], actions: moveActions(A, B) },
	{ followers: [C], actions: [{ addFollower: B }] },
	{ followers: [B], actions: [{ addFollower: C }, { transferLeadership: B }, { removeFollower: A }] },
	{ followers: [B, C], actions: [{ removeFollower: B }] },
];

/** What happened, for the count at the end. */
interface Seen {
	promotedBy: number;
	lostWrites: number;
	/** Refusals by code. */
	readonly codes: Map<string, number>;
}

async function simulate(seed: number, seen: Seen): Promise<void> {
	const world = new PromotionWorld(seed);
	const { scheduler } = world;
	const { followers, actions } = PLANS[seed % PLANS.length] ?? { followers: [], actions: [] };
	await world.settle(followers, KEYS);
	const sleep = (ms: number): Promise<void> => scheduler.sleep(ms);
	const turns: Hook = (when) => (when === "before" ? scheduler.turn() : undefined);
	const dying = (writes: number): Hook => {
		let left = writes;
		return async (when, _, isWrite) => {
			if (when !== "before") return;
			await scheduler.turn();
			if (isWrite && --left < 0) throw new ExecutionDied();
		};
	};
	const request = { ...requestFor({ actions }), soakSeconds: 60 };
	let working = 3;
	const executor = async (): Promise<void> => {
		for (const hook of [dying(scheduler.below(60)), turns]) {
			if (actions.length === 0) break;
			const ended = await execute({ deps: world.deps(hook), request, sleep }).catch((error: unknown) => {
				if (!(error instanceof ExecutionDied)) throw error;
				return "died";
			});
			if (ended !== "died") break;
			await sleep(scheduler.random() * 20_000);
		}
		working -= 1;
	};
	const isOff = scheduler.random() < 0.5;
	let isLost = false;
	const disaster = async (): Promise<void> => {
		await sleep(scheduler.random() * 120_000);
		for (let i = scheduler.below(30); i > 0; i--) await scheduler.turn();
		// Mostly the leader, sometimes the other side of a cutover.
		const leader = world.metadata.control.get(P)?.leader ?? A;
		const region = scheduler.random() < 0.8 ? leader : leader === A ? B : A;
		world.cut.add(region);
		if (isOff) lose(world, region);
		isLost = true;
	};
	const operator = async (): Promise<void> => {
		while (!isLost) await sleep(1000);
		for (let tries = 0; tries < 6; tries++) {
			const target = [A, B, C][scheduler.below(3)] ?? A;
			const flags = { confirmedOff: scheduler.random() < 0.7 ? [...world.off] : [], mayLoseWrites: scheduler.random() < 0.5 };
			const hook = scheduler.random() < 0.3 ? dying(scheduler.below(8)) : turns;
			const outcome = await world.promote({ target, ...flags }, hook, sleep).catch(ended);
			seen.codes.set(outcome, (seen.codes.get(outcome) ?? 0) + 1);
			await sleep(scheduler.random() * 10_000);
		}
		working -= 1;
	};
	const client = async (): Promise<void> => {
		while (working > 0) {
			const key = KEYS[scheduler.below(KEYS.length)] ?? "a";
			await world.write(key, [A, B, C][scheduler.below(3)] ?? A);
			await sleep(scheduler.random() * 4000);
		}
	};
	const stream = async (): Promise<void> => {
		while (working > 0) {
			await world.deliverOne(turns);
			await sleep(500);
		}
	};
	await scheduler.run([executor, disaster, operator, operator, client, client, stream]);
	await afterwards(world, actions.length === 0 ? undefined : request);
	seen.promotedBy += world.inherited.size;
	seen.lostWrites += world.checkLosses().lost;
}

/** An operator's or region's failure that the next call makes up for. */
function ended(error: unknown): string {
	if (error instanceof ExecutionDied) return "died";
	if (error instanceof Error && error.name === "UnavailableError") return "unavailable";
	throw error;
}

/** Whatever is still open is brought to its end: the promotion, the migration, the copies left behind. */
async function afterwards(world: PromotionWorld, request: MigrationRequest | undefined): Promise<void> {
	const record = () => world.metadata.control.get(P);
	for (const target of [record()?.promotion?.target, A, B, C]) {
		if (record()?.phase === "active" && !world.cut.has(record()?.leader ?? A)) break;
		if (target === undefined || world.cut.has(target)) continue;
		await world.promote({ target, confirmedOff: [...world.off], mayLoseWrites: true }).catch(ended);
	}
	for (const region of [A, B, C]) {
		world.cut.delete(region);
		world.off.delete(region);
	}
	for (let i = 0; i < 3 && request !== undefined; i++)
		if (record()?.phase !== "active") await execute({ deps: world.deps(() => {}), request, sleep: async (ms) => world.clock.advance(ms) });
	expect(record()?.phase).toBe("active");
	await restore(world);
	const { leader = A, followers = [] } = record() ?? {};
	checkQuiet(world, leader, followers);
}

describe("promotion next to a migration, busy clients, dying operators and another operator", () => {
	const seen: Seen = { promotedBy: 0, lostWrites: 0, codes: new Map() };

	it.each(Array.from({ length: RUNS }, (_, i) => FIRST + i))("has one leader an epoch and lists what is lost, seed %i", async (seed) => {
		await simulate(seed, seen);
	});

	it("has met promotions, losses and refusals of every kind", () => {
		process.stdout.write(`${RUNS} seeds from ${FIRST}: ${seen.promotedBy} promotions, ${seen.lostWrites} lost writes, all listed\n`);
		process.stdout.write(`${[...seen.codes].map(([code, times]) => `${code} ${times}`).join(", ")}\n`);
		expect(seen.promotedBy).toBeGreaterThan(RUNS / 3);
		expect(seen.lostWrites).toBeGreaterThan(0);
	});
});
