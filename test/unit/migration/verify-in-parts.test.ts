import { describe, expect, it } from "vitest";
import { progressOf } from "#domain/migration/progress.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { moveActions } from "#domain/migration/request.ts";
import { runStage } from "#domain/migration/run-stage.ts";
import { STAGE_BUDGET_MS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { Stage } from "#domain/migration/stages.ts";
import type { PartitionSize } from "#domain/partition-state/state.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { A, B, MigrationWorld } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";
import { migrationRecord } from "#test/unit/administer/fake-ports.ts";

const request = requestFor({ actions: moveActions(A, B) });

describe("a copy too large for one run of Verify", () => {
	it("is verified in several, each going on behind the last key, and its size is remembered", async () => {
		const world = new MigrationWorld(1);
		await world.settle(
			[],
			Array.from({ length: 24 }, (_, i) => `${"ab"[i % 2]}${String(i).padStart(2, "0")}`),
		);
		const sizes: PartitionSize[] = [];
		let slow = false;
		const base = world.deps(async (when, operation) => {
			// so slow that a run sees one page of each side and no more
			if (slow && when === "before" && operation === "listItems") await world.scheduler.sleep(STAGE_BUDGET_MS * 0.6);
		});
		// a page of four items
		const stores: StageDeps["stores"] = (region) => {
			const store = base.stores(region);
			return new Proxy(store, {
				get: (target, name) =>
					name === "listItems"
						? (ref: never, range: { limit: number }) => target.listItems(ref, { ...range, limit: 4 })
						: Reflect.get(target, name, target),
			});
		};
		const states: StageDeps["states"] = {
			read: async () => ({ slices: [], viewers: {}, divergences: {} }),
			readSize: async () => undefined,
			writeSize: async (_partition, size) => void sizes.push(size),
		};
		const deps: StageDeps = { ...base, stores, states };
		const runs: unknown[] = [];
		const onStage = async (stage: Stage): Promise<void> => {
			slow = stage === Stage.Verify;
			if (stage === Stage.Verify) runs.push((await deps.migrations.read(request.migrationId))?.verified);
		};
		const sleep = (ms: number) => world.scheduler.sleep(ms);
		await world.scheduler.run([async () => expect(await execute({ deps, request, sleep, onStage })).toBe("Ended")]);
		expect(runs.length).toBeGreaterThan(2);
		expect(runs[0]).toBeUndefined();
		expect(runs[1]).toEqual({ [`${B}#0`]: expect.any(String), [`${B}#1`]: expect.any(String) });
		const record = await deps.migrations.read(request.migrationId);
		expect(record?.verified).toEqual({ [`${B}#0`]: true, [`${B}#1`]: true });
		expect(record?.progress.items).toBe(24);
		expect(sizes).toMatchObject([{ items: 24 }]);
	});

	it("passes over what an earlier execution has verified", async () => {
		const world = new MigrationWorld(1);
		await world.settle([], ["a", "b", "c"]);
		const deps = world.deps(() => {});
		const sleep = (ms: number) => world.scheduler.sleep(ms);
		let listed = 0;
		const counting = world.deps((when, operation) => {
			if (when === "before" && operation === "listItems") listed += 1;
		});
		const onStage = async (stage: Stage): Promise<void> => {
			if (stage !== Stage.ShiftTraffic) return;
			await runStage(counting, Stage.Verify, request.migrationId);
		};
		await world.scheduler.run([async () => expect(await execute({ deps, request, sleep, onStage })).toBe("Ended")]);
		expect(listed).toBe(0);
	});
});

describe("progressOf", () => {
	const at = (more: Partial<MigrationRecord>, nowMs = 100_000) => progressOf(migrationRecord("m", { quiescedAtMs: 0, ...more }), nowMs);
	const { plan } = migrationRecord("m");
	const size = { items: 400, bytes: 4000, measuredAtMs: 0 };

	it("goes by items where the size is known, and tells the time left", () => {
		const progress = { items: 100, bytes: 1000, repairs: 0 };
		expect(at({ plan: { ...plan, size }, progress })).toEqual({
			...progress,
			totalItems: 400,
			totalBytes: 4000,
			percent: 25,
			etaSeconds: 300,
		});
	});

	it("estimates bytes by the items copied so far, since a measured size is rounded up by capacity units", () => {
		const rounded = { items: 4, bytes: 16_384, measuredAtMs: 0 };
		expect(at({ plan: { ...plan, size: rounded } })).toMatchObject({ totalItems: 4, totalBytes: 16_384 });
		const progress = { items: 1, bytes: 43, repairs: 0 };
		expect(at({ plan: { ...plan, size: rounded }, progress })).toMatchObject({ percent: 25, totalItems: 4, totalBytes: 172 });
	});

	it("says in the end that all of what was copied has been copied", () => {
		const progress = { items: 3, bytes: 171, repairs: 0 };
		const copied = { 0: true, 1: true } as const;
		const whole = { percent: 100, totalItems: 3, totalBytes: 171 };
		expect(at({ plan: { ...plan, size: { items: 4, bytes: 16_384, measuredAtMs: 0 } }, progress, copied })).toMatchObject(whole);
		expect(at({ progress, copied })).toMatchObject(whole);
		expect(at({ plan: { ...plan, sync: "incremental", size }, progress, copied })).toMatchObject(whole);
	});

	it("never has a part larger than the whole, and knows no whole where only what is missing is copied", () => {
		const progress = { items: 500, bytes: 9000, repairs: 0 };
		expect(at({ plan: { ...plan, size }, progress })).toMatchObject({ percent: 99, totalItems: 500, totalBytes: 9000 });
		expect(at({ plan: { ...plan, sync: "incremental", size }, progress })).not.toHaveProperty("totalBytes");
	});

	it("goes by buckets where it is not, and is whole only when all are done", () => {
		expect(at({ copied: { 0: true } })).toMatchObject({ percent: 50, etaSeconds: 100 });
		const full = at({ plan: { ...plan, size }, progress: { items: 500, bytes: 0, repairs: 0 }, copied: { 0: true, 1: "k" } });
		expect(full.percent).toBe(99);
		expect(full).not.toHaveProperty("etaSeconds");
		expect(at({ copied: { 0: true, 1: true } })).toMatchObject({ percent: 100 });
	});

	it("says nothing before the copying, and how much has been compared after it", () => {
		expect(progressOf(migrationRecord("m"), 0)).toEqual({ items: 0, bytes: 0, repairs: 0 });
		expect(at({ verified: { "ap-northeast-1#0": true, "ap-northeast-1#1": "k" } })).toMatchObject({ verifiedPercent: 50 });
		expect(at({ verifiedAtMs: 5 })).toMatchObject({ verifiedPercent: 100 });
	});
});
