import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { PromotionRequest } from "#domain/migration/promotion/promotion.ts";
import { moveActions } from "#domain/migration/request.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import { ExecutionDied, execute } from "#simulation/engine/state-machine.ts";
import { A, B, BUCKETS, C, EPOCH, type Hook, P } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";
import { barrier } from "./barrier.ts";
import { addFollower, alone, comesBack, lose, restore } from "./losing.ts";
import { checkQuiet, KEYS, NO_HOOK, PromotionWorld } from "./promotion-world.ts";

const OFF: Pick<PromotionRequest, "confirmedOff" | "mayLoseWrites"> = { confirmedOff: [A], mayLoseWrites: false };
const FORCED: typeof OFF = { confirmedOff: [], mayLoseWrites: true };

/** A leads, B and C follow; each follower lacks something that the other has, and both lack a write. */
async function lagging(seed = 1): Promise<PromotionWorld> {
	const world = new PromotionWorld(seed);
	await world.settle([B, C], KEYS);
	for (const [key, misses] of [
		["a", C],
		["b", B],
		["c", undefined],
	] as const) {
		await alone(world, () => world.write(key, A));
		const stored = [B, C].filter((region) => misses !== undefined && region !== misses);
		const item = world.items(A).find((one) => one.key === key);
		for (const region of stored) if (item !== undefined) await world.store(region).carry(world.refOf(key), item, { epoch: EPOCH });
	}
	return world;
}

describe("promoting a follower after the loss of the leader's region", () => {
	it("gives the new leader what any follower had, at two epochs more, and lists the rest when the region returns", async () => {
		const world = await lagging();
		lose(world, A);
		expect(await world.promote({ target: B, ...OFF })).toBe("promoted");
		const record = world.metadata.control.get(P);
		expect(record).toMatchObject({ leader: B, followers: [C], epoch: EPOCH + 2, lost: [{ region: A, epoch: EPOCH + 2 }] });
		expect(await alone(world, () => world.write("d", B))).toBe(true);
		await restore(world);
		checkQuiet(world, B, [A, C]);
		expect([...world.reported.keys()].sort()).toEqual(["c", "d"]);
		expect(world.checkLosses()).toEqual({ lost: 1 });
	});

	it("refuses every write in the returned region from its first look on, and no plan uses it before it is reclaimed", async () => {
		const world = await lagging();
		world.cut.add(A);
		expect(await world.promote({ target: B, ...FORCED })).toBe("promoted");
		expect(await alone(world, () => world.write("a", A))).toBe(true);
		comesBack(world, A);
		expect(await addFollower(world, A)).not.toBe("Ended");
		expect(await world.reclaim(A)).toBe("reclaimed");
		expect(await alone(world, () => world.write("a", A))).toBe(false);
		expect([...world.reported.keys()].sort()).toEqual(["a", "c"]);
		expect(world.checkLosses()).toEqual({ lost: 2 });
	});

	it("does not discard a copy before its losses have been seen", async () => {
		const world = await lagging();
		lose(world, A);
		await world.promote({ target: B, ...OFF });
		comesBack(world, A);
		const { reclaim } = await import("#domain/migration/promotion/reclaim.ts");
		const call = (discardLosses: number) =>
			reclaim(world.operator(NO_HOOK), P, { region: A, limit: 10, discardLosses }, Number.POSITIVE_INFINITY);
		expect(await call(0)).toMatchObject({ kind: "waiting" });
		world.clock.advance(15_000);
		expect(await call(0)).toMatchObject({ kind: "refused", code: "returned.losses-not-seen" });
		expect(world.items(A)).toHaveLength(KEYS.length);
	});

	it.each<[string, (world: PromotionWorld) => Promise<void> | void, RegionId, typeof OFF, string]>([
		["its leader answers", () => {}, B, FORCED, "promotion.leader-reachable"],
		["nobody vouches for the lost region", (w) => lose(w, A), B, { confirmedOff: [], mayLoseWrites: false }, "promotion.not-confirmed-off"],
		["the target does not answer", (w) => silence(w), B, FORCED, "promotion.target-unreachable"],
		["the target has not followed", (w) => behind(w), B, OFF, "promotion.follower-behind"],
		["the target is no follower", (w) => joining(w), B, FORCED, "promotion.not-a-follower"],
		["a residency rule excludes the target", (w) => exclude(w), B, FORCED, "promotion.residency"],
	])("is refused where %s, and touches nothing", async (_, change, target, flags, code) => {
		const world = await lagging();
		await change(world);
		const before = JSON.stringify([...world.metadata.control, ...world.store(B).buckets, ...world.store(C).buckets]);
		expect(await world.promote({ target, ...flags })).toBe(code);
		expect(JSON.stringify([...world.metadata.control, ...world.store(B).buckets, ...world.store(C).buckets])).toBe(before);
	});

	it("is not begun again by somebody who wakes up after the copy has been taken back", async () => {
		const world = await lagging();
		lose(world, A);
		await world.promote({ target: B, ...OFF });
		comesBack(world, A);
		const { reached, stand, open } = barrier();
		const pausing: Hook = async (when, operation) => {
			if (when !== "before" || operation !== "changeFences") return;
			await stand();
		};
		const late = world.reclaim(A, pausing).catch((error: unknown) => String(error));
		await reached;
		expect(await world.reclaim(A)).toBe("reclaimed");
		open();
		expect(await late).toBe("returned.busy");
		expect(roleIn(world, A)).toBe(FenceRole.Moved);
		expect(await addFollower(world, A)).toBe("Ended");
		await world.drainStreams();
		checkQuiet(world, B, [A, C]);
	});

	it("ends in the same state after a crash before any of its writes, and of those that take the copy back", async () => {
		for (let crashAt = 1; ; crashAt++) {
			const world = await lagging();
			lose(world, A);
			let writes = 0;
			const dying: Hook = (when, _, isWrite) => {
				if (when === "before" && isWrite && ++writes === crashAt) throw new ExecutionDied();
			};
			const request = { target: B, ...OFF };
			const first = await world.promote(request, dying).catch(() => "died");
			expect(first === "died" ? await world.promote(request) : first, `crash ${crashAt}`).toBe("promoted");
			await alone(world, () => world.write("d", B));
			comesBack(world, A);
			const back = await world.reclaim(A, dying).catch(() => "died");
			expect(back === "died" ? await world.reclaim(A) : back, `crash ${crashAt}`).toBe("reclaimed");
			await restore(world);
			expect(await addFollower(world, A)).toBe("Ended");
			await world.drainStreams();
			checkQuiet(world, B, [A, C]);
			expect(world.checkLosses()).toEqual({ lost: 1 });
			if (first !== "died" && back !== "died") return expect(crashAt).toBeGreaterThan(12);
		}
	});
});

/**
 * A move from A to B past C whose execution stands still between fencing A and the decision; `goOn` lets it go on to its end.
 *
 * @param diesAfterwards with the decision as its last write
 */
async function standingStill(diesAfterwards = false): Promise<{ readonly world: PromotionWorld; readonly goOn: () => Promise<string> }> {
	const world = new PromotionWorld(1);
	await world.settle([C], KEYS);
	const { reached, stand, open } = barrier();
	const pausing: Hook = async (when, operation) => {
		if (diesAfterwards && roleIn(world, B) === FenceRole.Leader) throw new ExecutionDied();
		const isFenced = world.store(A).buckets.get(`${P}#0`)?.fence?.role === FenceRole.Fenced;
		if (when === "after" || operation !== "changeFences" || !isFenced) return;
		await stand();
	};
	const request = requestFor({ actions: moveActions(A, B) });
	const sleep = async (ms: number) => world.clock.advance(ms);
	const execution = execute({ deps: world.deps(pausing), request, sleep }).catch(() => "died");
	await reached;
	const goOn = (): Promise<string> => {
		open();
		return execution;
	};
	return { world, goOn };
}

const roleIn = (world: PromotionWorld, region: RegionId) => world.store(region).buckets.get(`${P}#0`)?.fence?.role;

describe("a cutover that stands between fencing and decision", () => {
	it("cannot be committed any more once a follower has been promoted", async () => {
		const { world, goOn } = await standingStill();
		lose(world, A);
		expect(await world.promote({ target: C, ...OFF })).toBe("promoted");
		await goOn();
		expect(roleIn(world, B)).toBe(FenceRole.Aborted);
		expect(world.migrations.records.get(requestFor({ actions: [] }).migrationId)).toMatchObject({
			state: "cancelled",
			decision: "aborted",
		});
		await restore(world);
		checkQuiet(world, C, [A, B]);
	});

	it("is forced back to the old leader where the new one does not answer, only with leave to lose writes", async () => {
		const { world, goOn } = await standingStill();
		lose(world, B);
		expect(await world.promote({ target: A, ...OFF })).toBe("promotion.decision-unknown");
		expect(await world.promote({ target: A, ...FORCED })).toBe("promoted");
		expect(world.metadata.control.get(P)).toMatchObject({ leader: A, followers: [C], epoch: EPOCH + 3 });
		comesBack(world, B);
		await goOn();
		expect(await alone(world, () => world.write("a", A))).toBe(true);
		await restore(world);
		checkQuiet(world, A, [C, B]);
		expect(world.checkLosses()).toEqual({ lost: 0 });
	});

	it("lists what the new leader took if it had been committed after all", async () => {
		const { world, goOn } = await standingStill(true);
		expect(await goOn()).toBe("died");
		expect(await alone(world, () => world.write("a", B))).toBe(true);
		lose(world, B);
		expect(await world.promote({ target: A, ...FORCED })).toBe("promoted");
		expect(await alone(world, () => world.write("b", A))).toBe(true);
		await restore(world);
		checkQuiet(world, A, [C, B]);
		expect([...world.reported.keys()]).toContain("a");
		expect(world.checkLosses()).toEqual({ lost: 1 });
	});
});

/**
 * An execution that adds C and stands still before or after it notes so, when its leader is lost.
 *
 * @param unseen whoever promotes has seen that C holds nothing, and does not reach it afterwards
 */
async function stoodBesideNote(
	stands: "before" | "after",
	unseen = false,
): Promise<{ world: PromotionWorld; goOn: () => Promise<string> }> {
	const world = new PromotionWorld(1);
	await world.settle([B], KEYS);
	const { reached, stand, open } = barrier();
	const pausing: Hook = async (when, operation) => {
		if (when !== stands || operation !== "noteCopy") return;
		await stand();
	};
	const request = requestFor({ actions: [{ addFollower: C }] });
	const cutOff: Hook = (when, operation) => {
		if (unseen && when === "before" && operation === "replace") world.cut.add(C);
	};
	const execution = execute({ deps: world.deps(pausing), request, sleep: async (ms) => world.clock.advance(ms) }).catch(() => "died");
	await reached;
	lose(world, A);
	expect(await world.promote({ target: B, ...OFF }, cutOff)).toBe("promoted");
	comesBack(world, C);
	const goOn = (): Promise<string> => {
		open();
		return execution;
	};
	return { world, goOn };
}

describe("a new copy that a promotion forbids", () => {
	it("has ended for the audit though it was only noted", async () => {
		const { world, goOn } = await stoodBesideNote("after");
		await goOn();
		await takeAllBack(world);
		checkQuiet(world, B, []);
	});

	it("has ended for the audit though it was noted only after that", async () => {
		const { world, goOn } = await stoodBesideNote("before");
		await takeAllBack(world);
		await goOn();
		checkQuiet(world, B, []);
	});

	it("is taken back though its region could not be told, and it was made after all", async () => {
		const { world, goOn } = await stoodBesideNote("after", true);
		await goOn();
		expect(roleIn(world, C)).toBe(FenceRole.Joining);
		await takeAllBack(world);
		checkQuiet(world, B, []);
	});
});

async function takeAllBack(world: PromotionWorld): Promise<void> {
	for (const { region } of world.metadata.control.get(P)?.lost ?? []) {
		comesBack(world, region);
		expect(await world.reclaim(region), `reclaiming ${region}`).toBe("reclaimed");
	}
}

function silence(world: PromotionWorld): void {
	lose(world, A);
	lose(world, B);
}

function behind(world: PromotionWorld): void {
	lose(world, A);
	setFence(world, { epoch: EPOCH - 1 });
}

function joining(world: PromotionWorld): void {
	lose(world, A);
	setFence(world, { role: FenceRole.Joining });
}

function exclude(world: PromotionWorld): void {
	lose(world, A);
	const record = world.metadata.control.get(P);
	if (record !== undefined) world.metadata.control.set(P, { ...record, residency: [A, C] });
}

function setFence(world: PromotionWorld, change: { epoch?: number; role?: FenceRole }): void {
	for (let bucket = 0; bucket < BUCKETS; bucket++) {
		const slot = world.store(B).buckets.get(`${P}#${bucket}`);
		if (slot?.fence !== undefined) slot.fence = { ...slot.fence, ...change };
	}
}
