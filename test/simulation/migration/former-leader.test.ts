import { describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { Stage } from "#domain/migration/stages.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { checkSettled, type Expected } from "./check-settled.ts";
import type { Acknowledged } from "./clients.ts";
import { A, B, BUCKETS, C, EPOCH, MigrationWorld, P } from "./migration-world.ts";
import { requestFor } from "./scenarios.ts";

interface Step {
	readonly actions: MigrationRequest["actions"];
	readonly cancelAt?: Stage;
}

/** A led with followers B and C and accepted `k`, which its stream has not delivered when migrations follow each other. */
async function migrate(steps: readonly Step[], last: Expected): Promise<MigrationWorld> {
	const world = new MigrationWorld(7);
	await world.settle([B, C], ["a"]);
	const content = { body: new TextEncoder().encode("late"), contentType: "text/plain" };
	const write = { key: "k", content, precondition: { kind: "none" as const }, requestId: "late", nowMs: world.clock.nowMs() };
	const lease = { epoch: EPOCH, validUntilMs: Number.POSITIVE_INFINITY };
	const outcome = await world.store(A).writeSteady(world.refOf("k"), write, lease);
	if (outcome.kind !== "written") throw new Error(outcome.kind);
	const acknowledged: Acknowledged = new Map([["k", { version: outcome.version, body: "late" }]]);
	for (const [i, { actions, cancelAt }] of steps.entries()) {
		const request = { ...requestFor({ actions }), migrationId: `m-${i}`, epoch: EPOCH + i, canary: [] };
		const onStage = async (stage: Stage): Promise<void> => {
			const record = world.migrations.records.get(request.migrationId);
			if (stage !== cancelAt || record === undefined || record.requested !== undefined) return;
			await world.migrations.update({ ...record, requested: "cancel", version: record.version + 1 });
		};
		const sleep = (ms: number) => world.scheduler.sleep(ms);
		await world.scheduler.run([async () => void (await execute({ deps: world.deps(() => {}), request, sleep, onStage }))]);
		for (const region of last.followers) await checkPeers(world, region);
	}
	await checkSettled(world, `m-${steps.length - 1}`, last, acknowledged);
	return world;
}

/** Never to itself, never to the leader, never to a region without a copy. */
async function checkPeers(world: MigrationWorld, region: RegionId): Promise<void> {
	const record = world.metadata.control.get(P);
	for (const fence of await world.store(region).readFences(P, BUCKETS)) {
		for (const peer of fence?.peers ?? []) {
			expect(peer).not.toBe(region);
			expect([...(record?.followers ?? [])], `peers of ${region}`).toContain(peer);
		}
	}
}

const completed = (leader: RegionId, followers: readonly RegionId[], epochs: number): Expected => ({
	state: MigrationState.Completed,
	leader,
	followers,
	epochs,
});

describe("what a former leader owes", () => {
	it("is carried after the transfer, to those who follow and nobody else", async () => {
		await migrate([{ actions: [{ transferLeadership: B }] }], completed(B, [A, C], 1));
	});

	it("is not owed to a copy that the same plan removes", async () => {
		await migrate([{ actions: [{ transferLeadership: B }, { removeFollower: C }] }], completed(B, [A], 1));
	});

	it("survives a later migration that only raises the former leader's epoch", async () => {
		const steps = [{ actions: [{ transferLeadership: B }] }, { actions: [{ removeFollower: C }], cancelAt: Stage.Cutover }];
		await migrate(steps, { ...completed(B, [A, C], 2), state: MigrationState.Cancelled });
	});

	it("is paid before a later migration removes the former leader", async () => {
		await migrate([{ actions: [{ transferLeadership: B }] }, { actions: [{ removeFollower: A }] }], completed(B, [C], 2));
	});

	it("is not owed to a copy that a later migration removes", async () => {
		await migrate([{ actions: [{ transferLeadership: B }] }, { actions: [{ removeFollower: C }] }], completed(B, [A], 2));
	});

	it("is carried again where the former leader leads once more", async () => {
		await migrate([{ actions: [{ transferLeadership: B }] }, { actions: [{ transferLeadership: A }] }], completed(A, [B, C], 2));
	});
});
