import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type FindDeps, findOrphans } from "#domain/orphans/find-orphans.ts";
import { MIN_AGE_MS, type RemovalOutcome, type RemoveDeps, removeOrphan } from "#domain/orphans/remove-orphan.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { Phase } from "#domain/partition/record.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { MemoryOrphans, memoryScanner } from "#simulation/stores/memory-orphans.ts";
import { checkSettled } from "#test/simulation/migration/check-settled.ts";
import { type Acknowledged, Client } from "#test/simulation/migration/clients.ts";
import { A, B, BUCKETS, C, EPOCH, type Hook, MigrationWorld, P } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";

const KEYS = ["a", "b", "c", "d"];
const NO_HOOK: Hook = () => {};

/** A leads, C follows where asked; B holds what a test puts there. */
class OrphanWorld extends MigrationWorld {
	readonly orphans = new MemoryOrphans();

	/** B gets the leader's items as they are now, behind such a fence; undefined for no fence. */
	async plant(fence: Partial<Fence> | undefined, keys: readonly string[] = KEYS): Promise<void> {
		for (const { bucket } of bucketsOf(P, BUCKETS)) {
			const slot = await this.#slot(B, bucket);
			const full = { role: FenceRole.Follower, epoch: EPOCH, mode: WriteMode.Steady, seq: 0, peers: [], leader: A, buckets: BUCKETS };
			slot.fence = fence === undefined ? undefined : { ...full, ...fence };
			for (const [key, item] of (await this.#slot(A, bucket)).items) if (keys.includes(key)) slot.items.set(key, { ...item });
		}
	}

	async #slot(region: RegionId, bucket: number) {
		await this.store(region).readFence({ partition: P, bucket });
		const slot = this.store(region).buckets.get(`${P}#${bucket}`);
		if (slot === undefined) throw new Error("no bucket");
		return slot;
	}

	findDeps(hook: Hook): FindDeps {
		const { stores, metadata, clock, regions } = this.deps(hook);
		return { scan: memoryScanner((region) => this.store(region), 1), stores, metadata, orphans: this.orphans, regions, clock };
	}

	removeDeps(hook: Hook): RemoveDeps {
		const { stores, metadata, migrations, clock } = this.deps(hook);
		return { stores, metadata, migrations, orphans: this.orphans, clock };
	}

	async find() {
		const report = await findOrphans(this.findDeps(NO_HOOK), { untilMs: Number.POSITIVE_INFINITY, pages: 100 });
		expect(report.finished).toBe(true);
		return report.found.map(({ region, kind }) => `${region} ${kind}`);
	}

	remove(hook: Hook = NO_HOOK, deadlineMs = Number.POSITIVE_INFINITY): Promise<RemovalOutcome> {
		return removeOrphan(this.removeDeps(hook), { region: B, partition: P }, deadlineMs);
	}
}

async function worldWith(fence: Partial<Fence> | undefined, keys?: readonly string[]): Promise<OrphanWorld> {
	const world = new OrphanWorld(1);
	await world.settle([C], KEYS);
	await world.plant(fence, keys);
	return world;
}

describe("a walk", () => {
	it.each<[string, Partial<Fence> | undefined, string | undefined]>([
		["a follower that the record does not list", {}, "not-in-record"],
		["a copy that was being made", { role: FenceRole.Joining, migrationId: "gone-e2" }, "not-in-record"],
		["items without a fence", undefined, "leftover"],
		["items behind a fence that says they have moved", { role: FenceRole.Moved, expiresAt: 4_000_000_000 }, "leftover"],
	])("reports %s", async (_, fence, kind) => {
		expect(await (await worldWith(fence)).find()).toEqual([`${B} ${kind}`]);
	});

	it("reports nothing that is explained: listed copies, markers that expire, whatever a migration may be working on", async () => {
		expect(await (await worldWith({ role: FenceRole.Moved, expiresAt: 4_000_000_000 }, [])).find()).toEqual([]);
		const world = await worldWith({ role: FenceRole.Joining });
		const record = world.metadata.control.get(P);
		if (record !== undefined) world.metadata.control.set(P, { ...record, phase: Phase.Migrating, migrationId: "m" });
		expect(await world.find()).toEqual([]);
	});

	it("counts the age of an orphan from when it was first seen, and anew where it was gone in between", async () => {
		const world = await worldWith({});
		const firstSeen = () => [...world.orphans.reports.values()].map(({ firstSeenAtMs }) => firstSeenAtMs);
		const startMs = world.clock.nowMs();
		await world.find();
		world.clock.advance(1000);
		await world.find();
		expect(firstSeen()).toEqual([startMs]);
		relist(world);
		expect(await world.find()).toEqual([]);
		world.clock.advance(1000);
		await world.find();
		const record = world.metadata.control.get(P);
		if (record !== undefined) world.metadata.control.set(P, { ...record, followers: [C] });
		await world.find();
		expect(firstSeen()).toEqual([startMs + 2000]);
	});

	it("reports copies of a partition that has no record, which nothing can prove superfluous", async () => {
		const world = await worldWith({});
		world.metadata.control.clear();
		expect(await world.find()).toEqual([`${A} no-record`, `${B} no-record`, `${C} no-record`]);
		world.clock.advance(MIN_AGE_MS);
		expect(await world.remove()).toMatchObject({ kind: "refused", code: "orphan.no-record" });
	});
});

describe("removing", () => {
	it.each<[string, Partial<Fence> | undefined]>([
		["a follower", {}],
		["an older follower", { epoch: EPOCH - 1 }],
		["a joining copy of an ended migration", { role: FenceRole.Joining, migrationId: "gone-e2" }],
		["a copy whose deletion was begun", { role: FenceRole.Removing, epoch: EPOCH - 1 }],
		["items without a fence", undefined],
		["items behind a moved fence", { role: FenceRole.Moved, expiresAt: 4_000_000_000 }],
	])("%s leaves nothing but a marker that expires, and touches no other copy", async (_, fence) => {
		const world = await worldWith(fence);
		await world.find();
		world.clock.advance(MIN_AGE_MS);
		expect(await world.remove()).toEqual({ kind: "removed" });
		expect(world.items(B)).toEqual([]);
		expect(await world.store(B).readFences(P, BUCKETS)).toMatchObject([{ role: FenceRole.Moved, leader: A }, { role: FenceRole.Moved }]);
		expect(world.items(A)).toHaveLength(KEYS.length);
		expect(world.items(C)).toHaveLength(KEYS.length);
		expect(await world.remove()).toMatchObject({ kind: "refused", code: "orphan.unknown" });
		expect(await world.find()).toEqual([]);
	});

	it("goes on after its deadline, and after it died before any write", async () => {
		for (let crashAt = 1; ; crashAt++) {
			const world = await worldWith({});
			await world.find();
			world.clock.advance(MIN_AGE_MS);
			expect(await world.remove(NO_HOOK, 0)).toEqual({ kind: "again" });
			let writes = 0;
			const dying: Hook = (when, _, isWrite) => {
				if (when === "before" && isWrite && ++writes === crashAt) throw new Error("died");
			};
			const outcome = await world.remove(dying).catch(() => "died");
			expect(outcome === "died" ? await world.remove() : outcome).toEqual({ kind: "removed" });
			expect(world.items(B)).toEqual([]);
			if (outcome !== "died") return expect(crashAt).toBeGreaterThan(3);
		}
	});

	it.each<[string, (world: OrphanWorld) => Promise<void> | void, string]>([
		["has been seen only just now", () => {}, "orphan.too-young"],
		["holds a newer version than its leader", (world) => corrupt(world), "orphan.not-dominated"],
		["leads", (world) => world.plant({ role: FenceRole.Leader, epoch: EPOCH - 1 }), "orphan.leads"],
		["is ahead of the record", (world) => world.plant({ epoch: EPOCH + 1 }), "orphan.busy"],
		["has another number of buckets", (world) => world.plant({ buckets: 4 }), "orphan.other-generation"],
		["may owe a follower what it accepted as leader", (world) => world.plant({ peers: [C] }), "orphan.owes"],
		["is listed by now", (world) => relist(world), "orphan.explained"],
	])("is refused where the copy %s; nothing is deleted", async (_, change, code) => {
		const world = await worldWith({});
		await world.find();
		if (code !== "orphan.too-young") world.clock.advance(MIN_AGE_MS);
		await change(world);
		const before = world.items(B);
		expect(await world.remove()).toMatchObject({ kind: "refused", code });
		expect(world.items(B)).toEqual(before);
	});
});

function corrupt(world: OrphanWorld): void {
	const bucket = world.store(B).buckets.get(`${P}#${world.refOf("a").bucket}`);
	const item = bucket?.items.get("a");
	if (bucket !== undefined && item !== undefined) bucket.items.set("a", { ...item, version: { ...item.version, n: item.version.n + 1 } });
}

function relist(world: OrphanWorld): void {
	const record = world.metadata.control.get(P);
	if (record !== undefined) world.metadata.control.set(P, { ...record, followers: [B, C] });
}

describe("removing while a migration may want the place, writers are busy and another operator removes too", () => {
	const FENCES: readonly (Partial<Fence> | undefined)[] = [undefined, {}, { role: FenceRole.Moved, expiresAt: 4_000_000_000 }];

	it("leaves a copy alone that a whole migration has made between its look and its first write", async () => {
		const world = new OrphanWorld(1);
		await world.settle([], KEYS);
		await world.plant(undefined);
		await world.find();
		world.clock.advance(MIN_AGE_MS);
		const request = { ...requestFor({ actions: [{ addFollower: B }] }), soakSeconds: 0 };
		let looks = 0;
		const outcome = await world.remove(async (when, operation) => {
			// The leader's fences, the copy's, and the copy's once more before they are changed.
			if (when === "after" || operation !== "readFences" || ++looks !== 3) return;
			expect(await execute({ deps: world.deps(NO_HOOK), request, sleep: async (ms) => world.clock.advance(ms) })).toBe("Ended");
		});
		expect(outcome).toMatchObject({ kind: "refused", code: "orphan.busy" });
		await checkSettled(world, request.migrationId, { state: "completed", leader: A, followers: [B], epochs: 1 }, new Map());
	});

	it.each(Array.from({ length: 60 }, (_, seed) => seed))("never takes a copy that is being made for an orphan, seed %i", async (seed) => {
		const world = new OrphanWorld(seed);
		const acknowledged: Acknowledged = new Map();
		await world.settle([], KEYS);
		await world.plant(FENCES[seed % FENCES.length]);
		await world.find();
		world.clock.advance(MIN_AGE_MS);
		const turns: Hook = (when) => (when === "before" ? world.scheduler.turn() : undefined);
		const request = { ...requestFor({ actions: [{ addFollower: B }] }), soakSeconds: 0 };
		let busy = true;
		const sleep = (ms: number): Promise<void> => world.scheduler.sleep(ms);
		const executor = async (): Promise<void> => {
			for (let i = world.scheduler.below(40); i > 0; i--) await world.scheduler.turn();
			await execute({ deps: world.deps(turns), request, sleep });
			busy = false;
		};
		const remover = async (): Promise<void> => {
			for (let i = world.scheduler.below(40); i > 0; i--) await world.scheduler.turn();
			for (let tries = 0; tries < 3; tries++) await world.remove(turns);
		};
		const client = async (): Promise<void> => {
			const one = new Client(world, acknowledged, "x");
			for (let i = 0; i < 30 && busy; i++) {
				await one.write(KEYS[world.scheduler.below(KEYS.length)] ?? "a");
				await sleep(world.scheduler.random() * 5000);
			}
		};
		await world.scheduler.run([executor, remover, remover, client]);
		const record = world.metadata.control.get(P);
		const followers = record?.followers ?? [];
		const state = world.migrations.records.get(request.migrationId)?.state;
		expect(state).toBe(followers.length > 0 ? "completed" : "cancelled");
		// A copy in the way makes the plan cancel; the removal then ends it.
		if (followers.length === 0) {
			await world.find();
			world.clock.advance(MIN_AGE_MS);
			if (world.items(B).length > 0) expect(await world.remove()).toEqual({ kind: "removed" });
		}
		await checkSettled(world, request.migrationId, { state: state ?? "failed", leader: A, followers, epochs: 1 }, acknowledged);
	});
});
