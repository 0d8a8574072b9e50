import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLostWritesOf, createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { promote } from "#domain/migration/promotion/promote.ts";
import { reclaim } from "#domain/migration/promotion/reclaim.ts";
import { type ReturnDeps, returnCopies } from "#domain/migration/promotion/return-copies.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import type { MigrationStarter } from "#domain/ports/migration-starter.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { MemoryMigrationStore } from "#simulation/stores/memory-migration-store.ts";
import { MemoryOpenPromotions } from "#simulation/stores/memory-open-promotions.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const [A, B] = ["eu-west-1", "us-east-1"].map(regionId) as [RegionId, RegionId];
const clock = new ManualClock();

describe.skipIf(!engineAvailable)("promotion on the real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		for (const table of ["metadata", A, B]) await engine.createTable(table);
	});
	afterAll(() => engine.stop());

	it.each([
		["lists what the lost region had alone, and empties its table", "acme", false],
		["the returned region is demoted by itself, its losses kept", "acme:2", true],
	])("moves the lead to a follower; %s", async (_, name, byItself) => {
		const P = partitionId(name);
		const metadata = createMetadataStore({ tableName: "metadata", region: B, controlRegion: B, clientFor: () => engine.client(), clock });
		const cut = new Set([A]);
		const storeOf = (region: RegionId) => createRegionalStore({ client: engine.client(), tableName: region, region, clock });
		for (const region of [A, B]) {
			const role = region === A ? FenceRole.Leader : FenceRole.Follower;
			const next = { role, epoch: 1, mode: WriteMode.Steady, peers: region === A ? [B] : [], leader: A, buckets: 2 };
			await storeOf(region).changeFences(
				P,
				bucketsOf(P, 2).map(({ bucket }) => ({ bucket, expect: "absent", next })),
			);
		}
		const content = { body: new Uint8Array([1]), contentType: "a/b" };
		const write = { key: "k", content, precondition: { kind: "none" as const }, requestId: "r", nowMs: clock.nowMs() };
		await storeOf(A).writeSteady({ partition: P, bucket: 1 }, write, { epoch: 1, validUntilMs: Number.POSITIVE_INFINITY });
		const times = { createdAtMs: 0, updatedAtMs: 0, leaderSinceMs: 0 };
		await metadata.create({ partition: P, leader: A, followers: [B], epoch: 1, phase: "active", buckets: 2, version: 1, ...times });
		const stores = (region: RegionId) => {
			if (!cut.has(region)) return storeOf(region);
			return new Proxy(storeOf(region), { get: () => () => Promise.reject(new UnavailableError("cut")) });
		};
		const open = new MemoryOpenPromotions();
		const deps = { stores, metadata, migrations: new MemoryMigrationStore(), open, clock, quiesceSeconds: 15 };
		const request = { target: B, confirmedOff: [A], mayLoseWrites: false };
		expect(await promote(deps, P, request, Number.POSITIVE_INFINITY)).toMatchObject({ kind: "again", waitSeconds: 15 });
		clock.advance(15_000);
		expect(await promote(deps, P, request, Number.POSITIVE_INFINITY)).toMatchObject({ kind: "promoted" });
		expect(await metadata.readControl(P)).toMatchObject({
			leader: B,
			followers: [],
			epoch: 3,
			phase: "active",
			lost: [{ region: A, epoch: 3 }],
		});
		cut.clear();
		if (byItself) {
			await returnsByItself({ ...deps, client: () => engine.client() });
			return;
		}
		const take = (discardLosses?: number) =>
			reclaim(deps, P, { region: A, limit: 10, ...(discardLosses === undefined ? {} : { discardLosses }) }, Number.POSITIVE_INFINITY);
		expect(await take()).toMatchObject({ kind: "waiting" });
		clock.advance(15_000);
		expect(await take()).toMatchObject({ kind: "losses", count: 1, losses: [{ key: "k", certain: true }] });
		expect(await take(1)).toEqual({ kind: "reclaimed" });
		expect((await storeOf(A).listItems({ partition: P, bucket: 1 }, { limit: 10 })).entries).toEqual([]);
		expect(await storeOf(A).readFences(P, 2)).toMatchObject([{ role: FenceRole.Moved, leader: B }, { role: FenceRole.Moved }]);
		expect(await metadata.readControl(P)).not.toHaveProperty("lost");
	});
});

/** What recovery does, hour by hour, once the region answers again. */
async function returnsByItself(deps: Omit<ReturnDeps, "lostWrites" | "starter" | "regions"> & { client: TestEngine["client"] }) {
	const P = partitionId("acme:2");
	const started: MigrationRequest[] = [];
	const lostWrites = (region: RegionId) =>
		createLostWritesOf({ tableName: region, regions: [A, B], clock, clientFor: deps.client })(region);
	const starter: MigrationStarter = {
		async start(request) {
			started.push(request);
			return "started";
		},
	};
	const hour = async () => {
		clock.advance(3_600_000);
		return returnCopies({ ...deps, lostWrites, starter, regions: [A, B] }, clock.nowMs() + 45_000);
	};
	const report = await hour();
	expect(report.steps.map(({ kind }) => kind)).toEqual(["demoted", "discarded", "rejoining"]);
	const kept = await lostWrites(A).list({ partition: P, bucket: 1 }, { limit: 10 });
	expect(kept.entries).toMatchObject([{ key: "k", version: { epoch: 1 }, body: new Uint8Array([1]), contentType: "a/b" }]);
	expect((await deps.stores(A).listItems({ partition: P, bucket: 1 }, { limit: 10 })).entries).toEqual([]);
	expect(await deps.stores(A).readFences(P, 2)).toMatchObject([{ role: FenceRole.Moved, leader: B }, { role: FenceRole.Moved }]);
	const record = await deps.metadata.readControl(P);
	expect(record).not.toHaveProperty("lost");
	expect(started).toMatchObject([{ partition: P, epoch: 3, actions: [{ addFollower: A }], requestedBy: "recovery" }]);
	// Asked for again every hour until it follows; then nothing is left to do.
	expect((await hour()).steps.map(({ kind }) => kind)).toEqual(["rejoining"]);
	if (record !== undefined) await deps.metadata.replace({ ...record, followers: [A], version: record.version + 1 });
	expect((await hour()).steps).toEqual([]);
	expect((await hour()).open).toBe(0);
}
