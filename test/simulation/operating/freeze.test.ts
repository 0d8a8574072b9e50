import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { moveActions } from "#domain/migration/request.ts";
import { Stage } from "#domain/migration/stages.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { checkSettled, type Expected } from "#test/simulation/migration/check-settled.ts";
import { type Acknowledged, Client } from "#test/simulation/migration/clients.ts";
import { A, B, BUCKETS, C, type Hook, MigrationWorld, P } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";

const KEYS = ["a", "b", "c", "d"];
const HOUR_MS = 3_600_000;

/** What an operator freezes. */
type Scope = "global" | "partition" | RegionId;

/** What is to be frozen when a stage begins, and whether and how the freeze ends. */
interface Case {
	readonly followers: readonly RegionId[];
	readonly actions: Parameters<typeof requestFor>[0]["actions"];
	readonly at: Stage;
	readonly scope: Scope;
	readonly afterwards?: "thaw" | "rollback";
	readonly expected: Expected;
}

/**
 * One execution with a busy client. When stage `at` begins the freeze is set; what the partition is like two hours later is looked at;
 * then, where the case says so, the freeze ends or the operator asks to go back.
 */
async function simulate({ followers, actions, at, scope, afterwards, expected }: Case, seed: number) {
	const world = new MigrationWorld(seed);
	const acknowledged: Acknowledged = new Map();
	const request = { ...requestFor({ actions }), canary: [{ weight: 0.5, holdSeconds: 600 }] };
	await world.settle(followers, KEYS);
	const others: Hook = (when) => (when === "before" ? world.scheduler.turn() : undefined);
	const deps = world.deps(others);
	const { metadata, migrations } = world.deps(() => {});
	const sleep = (ms: number): Promise<void> => world.scheduler.sleep(ms);
	let busy = true;
	let frozenAtMs: number | undefined;
	const setFreeze = async (on: boolean): Promise<void> => {
		const record = world.metadata.control.get(P);
		if (scope === "partition" && record !== undefined) await metadata.replace({ ...record, frozen: on, version: record.version + 1 });
		else await metadata.writeFreeze({ global: on && scope === "global", regions: on && scope !== "global" ? [scope as RegionId] : [] });
	};
	const onStage = async (stage: Stage): Promise<void> => {
		if (stage !== at || frozenAtMs !== undefined) return;
		await setFreeze(true);
		frozenAtMs = world.clock.nowMs();
	};
	let endedAtMs: number | undefined;
	const executor = async (): Promise<void> => {
		await execute({ deps, request, sleep, onStage });
		endedAtMs = world.clock.nowMs();
		busy = false;
	};
	let standing: { readonly state: MigrationState | undefined; readonly fences: readonly (Fence | undefined)[] } | undefined;
	const operator = async (): Promise<void> => {
		while (frozenAtMs === undefined && busy) await sleep(1000);
		await sleep(2 * HOUR_MS);
		const record = world.migrations.records.get(request.migrationId);
		const fences = await Promise.all([A, B].map(async (region) => (await world.store(region).readFences(P, BUCKETS))[0]));
		standing = { state: record?.state, fences };
		if (afterwards === "thaw") await setFreeze(false);
		if (afterwards === "rollback" && record !== undefined)
			await migrations.update({ ...record, requested: "rollback", version: record.version + 1 });
	};
	const client = async (): Promise<void> => {
		const one = new Client(world, acknowledged, "x");
		for (let i = 0; i < 300 && busy; i++) {
			const key = KEYS[world.scheduler.below(KEYS.length)] ?? "a";
			await (world.scheduler.random() < 0.5 ? one.write(key) : one.read(key));
			await sleep(world.scheduler.random() * 60_000);
		}
	};
	const stream = async (): Promise<void> => {
		while (busy) {
			await world.deliverOne(others);
			await sleep(5_000);
		}
	};
	await world.scheduler.run([executor, operator, client, stream]);
	await checkSettled(world, request.migrationId, expected, acknowledged);
	return {
		standing,
		afterMs: (endedAtMs ?? Number.NaN) - (frozenAtMs ?? Number.NaN),
		record: world.migrations.records.get(request.migrationId),
	};
}

const cancelled = { state: MigrationState.Cancelled, leader: A, epochs: 1 } as const;
const BEFORE_DECISION = [Stage.CreateReplica, Stage.Quiesce, Stage.Synchronize, Stage.Verify, Stage.ShiftTraffic, Stage.Cutover];

describe("a freeze that comes before the decision", () => {
	it.each(BEFORE_DECISION)("takes a move back within two minutes when it comes at %s", async (at) => {
		const move = { followers: [], actions: moveActions(A, B), at, expected: { ...cancelled, followers: [] } };
		for (const [seed, scope] of (["global", "partition", A, B] as const).entries()) {
			const { afterMs, record } = await simulate({ ...move, scope }, seed);
			expect(record?.reason).toMatch(/frozen/);
			expect(afterMs).toBeLessThan(120_000);
		}
	});

	it("concerns every region of the plan, and no other", async () => {
		const actions = [{ addFollower: B }, { removeFollower: C }];
		const plan = { followers: [C], actions, at: Stage.Synchronize };
		for (const scope of [A, B, C]) await simulate({ ...plan, scope, expected: { ...cancelled, followers: [C] } }, 7);
		const completed = { state: MigrationState.Completed, leader: B, followers: [], epochs: 1 };
		await simulate({ followers: [], actions: moveActions(A, B), at: Stage.Synchronize, scope: C, expected: completed }, 8);
	});
});

describe("a freeze that comes after the decision", () => {
	const move = { followers: [], actions: moveActions(A, B), at: Stage.Soak, scope: "global" } as const;
	const completed = { state: MigrationState.Completed, leader: B, followers: [], epochs: 1 };
	const rolledBack = { state: MigrationState.RolledBack, leader: A, followers: [], epochs: 2 };

	it.each([Stage.UpdateMetadata, Stage.Soak])(
		"at %s keeps the move where it soaks, both copies complete, and lets it end once thawed",
		async (at) => {
			for (const [seed, scope] of (["global", "partition", A, B] as const).entries()) {
				const { standing, record } = await simulate({ ...move, at, scope, afterwards: "thaw", expected: completed }, seed);
				expect(standing?.state).toBe(MigrationState.Running);
				expect(standing?.fences).toMatchObject([{ role: FenceRole.Follower }, { role: FenceRole.Leader }]);
				expect(record?.heldSinceMs).toBeDefined();
			}
		},
	);

	it("leaves the way back open", async () => {
		const { standing } = await simulate({ ...move, afterwards: "rollback", expected: rolledBack }, 3);
		expect(standing?.fences).toMatchObject([{ role: FenceRole.Follower }, { role: FenceRole.Leader }]);
	});

	it.each([Stage.RemoveSource, Stage.Settle])("at %s lets what has begun come to its end", async (at) => {
		const { standing } = await simulate({ ...move, at, expected: completed }, 5);
		expect(standing?.state).toBe(MigrationState.Completed);
	});
});
