import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { promote } from "#domain/migration/promotion/promote.ts";
import { reclaim } from "#domain/migration/promotion/reclaim.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { MemoryMigrationStore } from "#simulation/stores/memory-migration-store.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const [A, B] = ["eu-west-1", "us-east-1"].map(regionId) as [RegionId, RegionId];
const P = partitionId("acme");
const clock = new ManualClock();

describe.skipIf(!engineAvailable)("promotion on the real engine", () => {
	let engine: TestEngine;
	beforeAll(async () => {
		engine = await startEngine();
		for (const table of ["metadata", A, B]) await engine.createTable(table);
	});
	afterAll(() => engine.stop());

	it("moves the lead to a follower, lists what the lost region had alone, and empties its table", async () => {
		const metadata = createMetadataStore({ tableName: "metadata", region: B, controlRegion: B, clientFor: () => engine.client() });
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
		const deps = { stores, metadata, migrations: new MemoryMigrationStore(), clock, quiesceSeconds: 15 };
		const request = { target: B, confirmedOff: true, mayLoseWrites: false };
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
