import { expect } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { sameItem } from "#domain/migration/compare-copies.ts";
import type { MigrationState } from "#domain/migration/record.ts";
import { copyHistory } from "#domain/partition/copy-history.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { Phase } from "#domain/partition/record.ts";
import { compareVersions } from "#domain/partition/version.ts";
import type { Acknowledged } from "./clients.ts";
import { A, B, BUCKETS, C, EPOCH, type MigrationWorld, P } from "./migration-world.ts";

/** What a migration must have left behind. */
export interface Expected {
	readonly state: MigrationState;
	readonly leader: RegionId;
	readonly followers: readonly RegionId[];
	/** How many epochs after the claimed one. */
	readonly epochs: number;
}

/** Looks at everything once it is still: record, fences, journals, items, acknowledged writes. @throws when an invariant does not hold */
export async function checkSettled(
	world: MigrationWorld,
	migrationId: string,
	expected: Expected,
	acknowledged: Acknowledged,
): Promise<void> {
	await world.drainStreams();
	const migration = world.migrations.records.get(migrationId);
	expect(migration?.state).toBe(expected.state);
	expect(migration?.endedAt).toBeDefined();
	const record = world.metadata.control.get(P);
	const epoch = EPOCH + expected.epochs;
	expect(record).toMatchObject({ leader: expected.leader, epoch, phase: Phase.Active });
	expect([...(record?.followers ?? [])].sort()).toEqual([...expected.followers].sort());
	expect(record).not.toHaveProperty("canary");
	expect(record).not.toHaveProperty("migrationId");
	const spans = record === undefined ? [] : copyHistory(record, await world.migrations.copyEvents(P));
	const present = spans.filter(({ toMs }) => toMs === undefined).map(({ region }) => region);
	expect(present.toSorted(), "the audit of copies").toEqual([expected.leader, ...expected.followers].toSorted());
	for (const region of [A, B, C]) await checkRegion(world, region, expected, epoch);
	const held = new Map(world.items(expected.leader).map((item) => [item.key, item]));
	for (const [key, { version, body }] of acknowledged) {
		const item = held.get(key);
		const order = item === undefined ? -1 : compareVersions(item.version, version);
		expect(order, `${key} at the leader against its acknowledged version`).toBeGreaterThanOrEqual(0);
		if (order === 0) expect(new TextDecoder().decode(item?.body)).toBe(body);
	}
}

async function checkRegion(world: MigrationWorld, region: RegionId, expected: Expected, epoch: number): Promise<void> {
	const fences = await world.store(region).readFences(P, BUCKETS);
	const journal = [...world.store(region).buckets.values()].flatMap((bucket) => [...bucket.journal.keys()]);
	expect(journal, `journal in ${region}`).toEqual([]);
	const follows = expected.followers.includes(region);
	for (const fence of fences) {
		if (region === expected.leader) {
			expect(fence).toMatchObject({ role: FenceRole.Leader, epoch, mode: WriteMode.Steady, leader: region, buckets: BUCKETS });
			expect([...(fence?.peers ?? [])].sort()).toEqual([...expected.followers].sort());
		} else if (follows) expect(fence).toMatchObject({ role: FenceRole.Follower, epoch, leader: expected.leader });
		else if (fence !== undefined) {
			expect([FenceRole.Moved, FenceRole.Aborted]).toContain(fence.role);
			expect(fence.expiresAt).toBeDefined();
		}
		expect(fence?.migrationId, `fence in ${region}`).toBeUndefined();
		if (region === expected.leader || follows) expect(fence?.expiresAt).toBeUndefined();
	}
	const items = world.items(region);
	if (region !== expected.leader && !follows) expect(items, `items in ${region}`).toEqual([]);
	if (follows) {
		const copies = new Map(items.map((item) => [item.key, item]));
		for (const item of world.items(expected.leader)) {
			const copy = copies.get(item.key);
			expect(copy !== undefined && sameItem(copy, item), `${item.key} in ${region}`).toBe(true);
		}
	}
}
