import type { RegionId } from "#domain/geography/region-id.ts";
import { allBuckets, carryItems } from "#domain/migration/carry-journal.ts";
import { compareBucket, type Difference, sameContent, type Walk } from "#domain/migration/compare-copies.ts";
import { VerificationError } from "#domain/migration/errors.ts";
import { SyncStrategy } from "#domain/migration/plan-schema.ts";
import { whileUndecided } from "#domain/migration/read-decision.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { fenceOf, holds, moveExpectedFences, type NextFence, unexpected } from "#domain/migration/region-fences.ts";
import { PAGE_SIZE, PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import type { StageContext, StageResult } from "#domain/migration/stage-context.ts";
import { copiesOf } from "#domain/migration/stages/synchronize.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { compareVersions } from "#domain/partition/version.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/**
 * Compares every copy with the leader, keys, versions and content. A difference is explained by the journal or vanishes when read
 * again, else it is repaired and counted. Then the new copies are followers. A run that comes near its deadline hands over to the next,
 * which goes on where the migration record says.
 *
 * @throws VerificationError when more is wrong than chance explains, or a copy holds what the leader never wrote
 */
export const verify = (ctx: StageContext): Promise<StageResult> =>
	whileUndecided(ctx, async () => {
		const { plan } = ctx.migration;
		await rememberSize(ctx);
		const work = copiesOf(plan).flatMap((region) => allBuckets(ctx).map((ref) => ({ region, ref })));
		const walks = await mapParallel(work, PARALLEL_BUCKETS, ({ region, ref }) => verifyBucket(ctx, region, ref));
		const repairs = walks.reduce((sum, walk) => sum + walk.repairs, 0);
		const total = ctx.migration.progress.repairs + repairs;
		if (total > plan.maxRepairs)
			throw new VerificationError(`${total} items had to be repaired`, { repairs: total, allowed: plan.maxRepairs });
		const verified = (record: MigrationRecord): MigrationRecord => walks.reduce(withWalk, record);
		if (walks.some(({ position }) => position !== true)) return { output: { outcome: "again", waitSeconds: 1 }, change: verified };
		await mapParallel(plan.joins, plan.joins.length, (region) => startFollowing(ctx, region));
		const verifiedAtMs = ctx.clock.nowMs();
		return {
			output: { outcome: "done" },
			change: (record) => ({ ...verified(record), verifiedAtMs: record.verifiedAtMs ?? verifiedAtMs }),
		};
	});

/** What has been copied in full has been measured on the way. */
async function rememberSize({ states, migration, partition, clock }: StageContext): Promise<void> {
	if (migration.plan.sync !== SyncStrategy.Full || migration.verifiedAtMs !== undefined || migration.verified !== undefined) return;
	const { items, bytes } = migration.progress;
	await states?.writeSize(partition, { items, bytes, measuredAtMs: clock.nowMs() });
}

/** How far one bucket of one copy has been verified. */
interface VerifiedBucket {
	readonly name: string;
	readonly position: string | true | undefined;
	readonly repairs: number;
}

const withWalk = (record: MigrationRecord, { name, position, repairs }: VerifiedBucket): MigrationRecord => ({
	...record,
	verified: position === undefined || record.verified?.[name] === true ? (record.verified ?? {}) : { ...record.verified, [name]: position },
	progress: { ...record.progress, repairs: record.progress.repairs + repairs },
});

async function verifyBucket(ctx: StageContext, region: RegionId, ref: BucketRef): Promise<VerifiedBucket> {
	const leader = ctx.stores(ctx.migration.source);
	const name = `${region}#${ref.bucket}`;
	const walk: Walk = { position: ctx.migration.verified?.[name], isOver: () => ctx.clock.nowMs() >= ctx.deadlineMs };
	let journal: ReadonlySet<string> | undefined;
	let repairs = 0;
	for await (const difference of compareBucket(leader, ctx.stores(region), ref, ctx.clock.nowMs(), walk)) {
		// Listed after the difference was seen: what was written before then is in it, or has been carried since.
		journal = journal?.has(difference.key) ? journal : await journalKeys(ctx, ref);
		if (await repaired(ctx, region, ref, difference, journal)) repairs += 1;
		if (repairs > ctx.migration.plan.maxRepairs) break;
	}
	return { name, position: walk.position, repairs };
}

/** Whether the difference was real, unexplained, and has been mended. */
async function repaired(
	ctx: StageContext,
	region: RegionId,
	ref: BucketRef,
	{ key, leader: seen }: Difference,
	journal: ReadonlySet<string>,
): Promise<boolean> {
	const copy = await ctx.stores(region).readItem(ref, key);
	// The leader is read second: what the copy has by then, the leader has had.
	const leader = await ctx.stores(ctx.migration.source).readItem(ref, key);
	if (leader === undefined) {
		if (copy === undefined) return false;
		throw new VerificationError("a copy holds a key that its leader does not", { region, bucket: ref.bucket });
	}
	const order = copy === undefined ? -1 : compareVersions(copy.version, leader.version);
	if (order > 0 || (order === 0 && copy !== undefined && !sameContent(copy, leader))) {
		throw new VerificationError("a copy holds what its leader never wrote", { region, bucket: ref.bucket });
	}
	if (order === 0) return false;
	const writtenSince = seen === undefined || compareVersions(leader.version, seen.version) !== 0;
	if (journal.has(key) || writtenSince) return false;
	await carryItems(ctx, { to: [region], epoch: ctx.migration.epoch }, ref, [leader]);
	return true;
}

async function journalKeys(ctx: StageContext, ref: BucketRef): Promise<ReadonlySet<string>> {
	const keys = new Set<string>();
	let after: string | undefined;
	do {
		const page = await ctx.stores(ctx.migration.source).listJournal(ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
		for (const entry of page.entries) keys.add(entry.key);
		after = page.next;
	} while (after !== undefined);
	return keys;
}

function startFollowing(ctx: StageContext, region: RegionId): Promise<unknown> {
	const { epoch, migrationId } = ctx.migration;
	const from = { role: FenceRole.Joining, epoch, mode: WriteMode.Steady, migrationId };
	return moveExpectedFences(ctx, region, { from, to: following(ctx) }, (fence) => follow(ctx, region, fence));
}

function follow(ctx: StageContext, region: RegionId, current: Fence | undefined): NextFence | undefined {
	const { epoch } = ctx.migration;
	if (!holds(ctx, current) || current?.epoch !== epoch) throw unexpected(ctx, region, current);
	if (current.role === FenceRole.Follower) return undefined;
	if (current.role !== FenceRole.Joining) throw unexpected(ctx, region, current);
	return following(ctx);
}

const following = (ctx: StageContext): NextFence =>
	fenceOf(ctx, { role: FenceRole.Follower, epoch: ctx.migration.epoch, leader: ctx.migration.source });
