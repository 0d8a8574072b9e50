import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { moveActions } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { copyHistory } from "#domain/partition/copy-history.ts";
import { type FenceChange, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import { Phase } from "#domain/partition/record.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { createMigrationsTable } from "#test/__helpers__/migrations-table.ts";
import { A, B, BUCKETS, P } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";

const KEYS = ["a", "b", "c", "d", "e"];
let engine: TestEngine;
let deps: StageDeps;
const clock = new ManualClock();

describe.skipIf(!engineAvailable)("migrations on the real engine", () => {
	beforeAll(async () => {
		engine = await startEngine();
		for (const table of ["data-eu", "data-us", "metadata"]) await engine.createTable(table);
		await createMigrationsTable(engine.client());
		const stores = new Map(
			[A, B].map((region) => {
				const tableName = region === A ? "data-eu" : "data-us";
				return [region, createRegionalStore({ client: engine.client(), tableName, region, clock })] as const;
			}),
		);
		const storeOf = (region: RegionId) => {
			const store = stores.get(region);
			if (store === undefined) throw new Error(`no region ${region}`);
			return store;
		};
		deps = {
			stores: storeOf,
			metadata: createMetadataStore({ tableName: "metadata", region: A, controlRegion: A, clientFor: () => engine.client(), clock }),
			migrations: createMigrationStore({ tableName: "migrations", controlRegion: A, client: engine.client() }),
			clock,
			regions: [A, B],
			settings: MIGRATION_SETTINGS,
		};
	});
	afterAll(() => engine.stop());

	it("moves a partition there and back again", async () => {
		await settle();
		await move(A, B, 1, "move-1");
		await move(B, A, 2, "move-2");
		const back = await deps.metadata.readControl(P);
		expect(back).toMatchObject({ leader: A, followers: [], epoch: 3, phase: Phase.Active });
		for (const ref of bucketsOf(P, BUCKETS)) {
			expect(await deps.stores(B).listItems(ref, { limit: 10 })).toEqual({ entries: [] });
			expect(await deps.stores(A).listJournal(ref, { limit: 10 })).toEqual({ entries: [] });
			expect(await deps.stores(A).readFence(ref)).toMatchObject({ role: FenceRole.Leader, mode: WriteMode.Steady, epoch: 3 });
		}
	});

	it("tells where copies were and when, and keeps the first note of several", async () => {
		const { migrations } = deps;
		const before = await migrations.copyEvents(P);
		const spans = copyHistory({ leader: A, followers: [], createdAtMs: 0 }, before);
		expect(spans.map(({ region, because, endedBy }) => [region, because, endedBy])).toEqual([
			[A, undefined, "move-1"],
			[B, "move-1", "move-2"],
			[A, "move-2", undefined],
		]);
		await Promise.all(before.map((event) => migrations.noteCopy({ ...event, atMs: event.atMs + 1 })));
		expect(await migrations.copyEvents(P)).toEqual(before);
		expect(await migrations.copyEvents(partitionId("acme"))).toEqual([]);
	});

	it("lists and counts records by state, pages them, and refuses a stale update", async () => {
		const { migrations } = deps;
		expect(await migrations.count("completed")).toBe(2);
		expect(await migrations.count("running")).toBe(0);
		const first = await migrations.list({ state: "completed", limit: 1 });
		const second = await migrations.list({ state: "completed", limit: 1, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
		expect([...first.migrations, ...second.migrations].map(({ migrationId }) => migrationId)).toEqual(["move-2", "move-1"]);
		expect((await migrations.list({ limit: 10 })).migrations).toHaveLength(2);
		const record = await migrations.read("move-1");
		if (record === undefined) throw new Error("no record");
		expect(await migrations.update({ ...record, reason: "stale" })).toEqual({ kind: "conflict", current: record });
		expect(await migrations.create(record)).toEqual({ kind: "written", record });
		expect(await migrations.create({ ...record, reason: "other" })).toEqual({ kind: "conflict", current: record });
		expect(await migrations.read("nobody")).toBeUndefined();
		await expect(migrations.list({ state: "completed", limit: 1, cursor: "garbage" })).rejects.toThrow(/cursor/);
	});
});

async function settle(): Promise<void> {
	const nowMs = clock.nowMs();
	const next = { role: FenceRole.Leader, epoch: 1, mode: WriteMode.Steady, peers: [], leader: A, buckets: BUCKETS };
	const changes = bucketsOf(P, BUCKETS).map(({ bucket }): FenceChange => ({ bucket, expect: "absent", next }));
	expect(await deps.stores(A).changeFences(P, changes)).toBe("applied");
	const times = { createdAtMs: nowMs, updatedAtMs: nowMs, leaderSinceMs: nowMs };
	await deps.metadata.create({
		partition: P,
		leader: A,
		followers: [],
		epoch: 1,
		phase: Phase.Active,
		buckets: BUCKETS,
		version: 1,
		...times,
	});
	for (const [i, key] of KEYS.entries()) {
		const content = { body: new TextEncoder().encode(key), contentType: "text/plain" };
		const write = { key, content, precondition: { kind: "none" as const }, requestId: `seed-${i}`, nowMs };
		await deps.stores(A).writeSteady({ partition: P, bucket: i % BUCKETS }, write, { epoch: 1, validUntilMs: nowMs + 1000 });
	}
}

async function move(from: RegionId, to: RegionId, epoch: number, migrationId: string): Promise<void> {
	const request = { ...requestFor({ actions: moveActions(from, to) }), migrationId, epoch };
	expect(await execute({ deps, request, sleep: (ms) => clock.sleep(ms) })).toBe("Ended");
	expect(await deps.migrations.read(migrationId)).toMatchObject({
		state: "completed",
		decision: "committed",
		progress: { items: KEYS.length, repairs: 0 },
	});
}
