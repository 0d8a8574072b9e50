import { amendRecord } from "#domain/migration/amend-record.ts";
import { allBuckets, carryItems, carryJournal } from "#domain/migration/carry-journal.ts";
import { readClaimed } from "#domain/migration/change-partition.ts";
import { compareBucket } from "#domain/migration/compare-copies.ts";
import { type MigrationPlan, SyncStrategy } from "#domain/migration/plan-schema.ts";
import { whileUndecided } from "#domain/migration/read-decision.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { LOOK_SECONDS, PAGE_SIZE, PARALLEL_BUCKETS, SHORT_JOURNAL } from "#domain/migration/settings.ts";
import type { StageContext, StageResult } from "#domain/migration/stage-context.ts";
import { stopIfFrozen } from "#domain/migration/stop-if-frozen.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** The copies that must be complete before leadership can move: new ones, and a standing follower that shall lead. */
export const copiesOf = ({ joins, transfer }: MigrationPlan): MigrationPlan["joins"] =>
	transfer === undefined || joins.includes(transfer) ? joins : [...joins, transfer];

/**
 * Brings the copies up to date, then carries the journal until it is short. A run that comes near its deadline hands over to the next,
 * which goes on after the last page that the migration record remembers.
 */
export const synchronize = (ctx: StageContext): Promise<StageResult> =>
	whileUndecided(ctx, async () => {
		if (ctx.migration.quiescedAtMs === undefined) throw new Error("synchronize before the quiesce was recorded");
		await stopIfFrozen(ctx, await readClaimed(ctx));
		// A shorter run than others: between two of them somebody looks for a freeze and an operator's word.
		const deadlineMs = Math.min(ctx.deadlineMs, ctx.clock.nowMs() + LOOK_SECONDS * 1000);
		const buckets = await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => copyBucket({ ...ctx, deadlineMs }, ref));
		const copied = (record: MigrationRecord): MigrationRecord => buckets.reduce(withProgress, record);
		if (buckets.some(({ position }) => position !== true)) {
			return { output: { outcome: "again", waitSeconds: 1 }, change: copied };
		}
		const { plan, epoch, source } = ctx.migration;
		await carryJournal(ctx, { from: source, to: copiesOf(plan), epoch }, SHORT_JOURNAL);
		return { output: { outcome: "done" }, change: copied };
	});

/** What a bucket's copy has done since the record was last written. `position`: the last key copied, true at the end, undefined at the start. */
interface BucketProgress {
	readonly bucket: number;
	readonly position: string | true | undefined;
	readonly items: number;
	readonly bytes: number;
}

const withProgress = (record: MigrationRecord, { bucket, position, items, bytes }: BucketProgress): MigrationRecord => ({
	...record,
	copied: position === undefined || record.copied[bucket] === true ? record.copied : { ...record.copied, [bucket]: position },
	progress: { ...record.progress, items: record.progress.items + items, bytes: record.progress.bytes + bytes },
});

async function copyBucket(ctx: StageContext, ref: BucketRef): Promise<BucketProgress> {
	const { bucket } = ref;
	const start = ctx.migration.copied[bucket];
	if (start === true) return { bucket, position: true, items: 0, bytes: 0 };
	if (ctx.migration.plan.sync === SyncStrategy.Incremental) return copyMissing(ctx, ref);
	let after = start;
	for (;;) {
		if (ctx.clock.nowMs() >= ctx.deadlineMs) return { bucket, position: after, items: 0, bytes: 0 };
		const page = await ctx.stores(ctx.migration.source).listItems(ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
		await carry(ctx, ref, page.entries);
		const progress = { bucket, position: page.next ?? (true as const), ...sizeOf(page.entries) };
		if (page.next === undefined) return progress;
		await amendRecord(ctx, ctx.migration, (record) => withProgress(record, progress));
		after = page.next;
	}
}

/** A standing follower gets what it lacks. One that leads nothing yet may be behind its stream; that is no repair. */
async function copyMissing(ctx: StageContext, ref: BucketRef): Promise<BucketProgress> {
	let [items, bytes] = [0, 0];
	let missing: StoredItem[] = [];
	for (const region of copiesOf(ctx.migration.plan)) {
		for await (const { leader } of compareBucket(ctx.stores(ctx.migration.source), ctx.stores(region), ref, ctx.clock.nowMs())) {
			if (leader === undefined) continue;
			missing.push(leader);
			items += 1;
			bytes += leader.body.length;
			if (missing.length < PAGE_SIZE) continue;
			await carry(ctx, ref, missing);
			missing = [];
		}
	}
	await carry(ctx, ref, missing);
	return { bucket: ref.bucket, position: true, items, bytes };
}

const carry = (ctx: StageContext, ref: BucketRef, items: readonly StoredItem[]): Promise<void> =>
	carryItems(ctx, { to: copiesOf(ctx.migration.plan), epoch: ctx.migration.epoch }, ref, items);

const sizeOf = (items: readonly StoredItem[]): { items: number; bytes: number } => ({
	items: items.length,
	bytes: items.reduce((sum, item) => sum + item.body.length, 0),
});
