import type { RegionId } from "#domain/geography/region-id.ts";
import { sameItem } from "#domain/migration/compare-copies.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { copyHistory } from "#domain/partition/copy-history.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { fenceExpired } from "#domain/partition/fence-rules.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { Invariant } from "#simulation/check/violations.ts";
import { PARTITION, type World } from "#simulation/world/world.ts";

/** Looks at everything once it is still: record, fences, journals, items, migrations. */
export function checkSettled(world: World): void {
	const { violations } = world;
	const record = world.metadata.control.get(PARTITION);
	if (record === undefined) {
		violations.add(Invariant.SameEnd, "the partition's record is gone");
		return;
	}
	violations.expect(record.phase === Phase.Active, Invariant.SameEnd, () => `the partition stays ${record.phase}`);
	violations.expect(record.migrationId === undefined, Invariant.SameEnd, () => `the record is held by ${record.migrationId}`);
	violations.expect(record.promotion === undefined, Invariant.SameEnd, () => `${record.promotion?.target} is being promoted`);
	violations.expect(record.lost === undefined, Invariant.SameEnd, () => `${record.lost?.map(({ region }) => region)} stays left behind`);
	violations.expect(record.canary === undefined, Invariant.NothingLeft, () => "a canary weight is left");
	for (const migration of world.migrations.records.values()) {
		const ended = migration.state !== MigrationState.Running && migration.endedAt !== undefined;
		violations.expect(ended, Invariant.SameEnd, () => `${migration.migrationId} is ${migration.state}`);
	}
	for (const region of world.scenario.regions) checkRegion(world, record, region);
	checkAudit(world, record);
}

function checkRegion(world: World, record: PartitionRecord, region: RegionId): void {
	const { violations, time } = world;
	for (let bucket = 0; bucket < record.buckets; bucket++) {
		const at = `bucket ${bucket} in ${region}`;
		const stored = world.table(region).buckets.get(`${PARTITION}#${bucket}`);
		const fence = stored?.fence === undefined || fenceExpired(stored.fence, time.nowMs) ? undefined : stored.fence;
		const journal = [...(stored?.journal.keys() ?? [])];
		violations.expect(journal.length === 0, Invariant.NothingLeft, () => `the journal of ${at} still holds ${journal.join(", ")}`);
		violations.expect(fence?.migrationId === undefined, Invariant.NothingLeft, () => `the fence of ${at} is held by ${fence?.migrationId}`);
		const items = [...(stored?.items.values() ?? [])];
		if (region === record.leader) checkLeader(world, record, fence, at);
		else if (record.followers.includes(region)) checkFollower(world, record, fence, bucket, items, at);
		else checkNothing(world, fence, items, at);
	}
}

/** The audit says of every region whether it holds a copy. */
function checkAudit(world: World, record: PartitionRecord): void {
	const { violations } = world;
	const spans = copyHistory(record, [...world.migrations.copies.values()]);
	for (const region of world.scenario.regions) {
		const isPresent = region === record.leader || record.followers.includes(region);
		const open = spans.filter((span) => span.region === region && span.toMs === undefined).length;
		violations.expect(open === (isPresent ? 1 : 0), Invariant.Residency, () => `the audit says that ${open} copies are in ${region}`);
	}
}

function checkLeader({ violations }: World, record: PartitionRecord, fence: Fence | undefined, at: string): void {
	const leads = fence?.role === FenceRole.Leader && fence.epoch === record.epoch && fence.mode === WriteMode.Steady;
	violations.expect(
		leads && fence.expiresAt === undefined,
		Invariant.SameEnd,
		() => `${at} should lead, steady, at epoch ${record.epoch}: ${text(fence)}`,
	);
	const peers = [...(fence?.peers ?? [])].sort().join();
	const followers = [...record.followers].sort().join();
	violations.expect(
		peers === followers,
		Invariant.SameEnd,
		() => `${at} carries to ${peers || "nobody"}, followers are ${followers || "none"}`,
	);
}

function checkFollower(
	world: World,
	record: PartitionRecord,
	fence: Fence | undefined,
	bucket: number,
	items: readonly StoredItem[],
	at: string,
): void {
	const { violations } = world;
	const follows = fence?.role === FenceRole.Follower && fence.epoch === record.epoch && fence.leader === record.leader;
	violations.expect(
		follows && fence.expiresAt === undefined,
		Invariant.SameEnd,
		() => `${at} should follow ${record.leader} at epoch ${record.epoch}: ${text(fence)}`,
	);
	const copies = new Map(items.map((item) => [item.key, item]));
	const led = world.table(record.leader).buckets.get(`${PARTITION}#${bucket}`)?.items ?? new Map<string, StoredItem>();
	for (const item of led.values()) {
		const copy = copies.get(item.key);
		violations.expect(
			copy !== undefined && sameItem(copy, item),
			Invariant.NoLoss,
			() => `${item.key} of ${at} is not what the leader has`,
		);
		copies.delete(item.key);
	}
	violations.expect(
		copies.size === 0,
		Invariant.NothingLeft,
		() => `${at} holds ${[...copies.keys()].join(", ")}, which its leader does not`,
	);
}

function checkNothing({ violations }: World, fence: Fence | undefined, items: readonly StoredItem[], at: string): void {
	const over =
		fence === undefined || ((fence.role === FenceRole.Moved || fence.role === FenceRole.Aborted) && fence.expiresAt !== undefined);
	violations.expect(over, Invariant.NothingLeft, () => `${at} is no copy, but its fence says ${text(fence)}`);
	violations.expect(
		items.length === 0,
		Invariant.NothingLeft,
		() => `${at} is no copy, but holds ${items.map(({ key }) => key).join(", ")}`,
	);
}

const text = (fence: Fence | undefined): string =>
	fence === undefined ? "none" : `${fence.role} at epoch ${fence.epoch}, ${fence.mode}, behind ${fence.leader}`;
