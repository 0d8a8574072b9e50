import { MigrationConflictError } from "#domain/migration/errors.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { noteCopy } from "#domain/migration/note-copy.ts";
import { emptyJournal } from "#domain/migration/promotion/merge-copies.ts";
import { amendPartition, contextOf, type PromotionDeps } from "#domain/migration/promotion/promotion.ts";
import { fenceOf, holds, moveFences, unexpected } from "#domain/migration/region-fences.ts";
import { FENCE_RETENTION_SECONDS, PAGE_SIZE } from "#domain/migration/settings.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import type { LostCopy, PartitionRecord } from "#domain/partition/record.ts";

type Deps = Omit<PromotionDeps, "open">;

/** The fences of a copy that is taken back bear an id of its own, whoever takes it back. */
export const backContext = (deps: Deps, record: PartitionRecord, copy: LostCopy, deadlineMs: number): CopyContext =>
	contextOf(deps, record, `${migrationIdOf(record.partition, copy.epoch)}-back`, deadlineMs);

/** Seconds until nothing that the copy took before its demotion can still be landing; 0 or less: it is still. */
export const secondsUntilStill = ({ clock, quiesceSeconds }: Deps, demotedAtMs: number): number =>
	Math.ceil((demotedAtMs + quiesceSeconds * 1000 - clock.nowMs()) / 1000);

/** From here on the region forwards. @returns when that was known */
export async function demote(deps: Deps, ctx: CopyContext, record: PartitionRecord, copy: LostCopy): Promise<number> {
	await moveFences(ctx, copy.region, (fence) => {
		if (holds(ctx, fence)) return undefined;
		// What was left behind stands at an earlier epoch. At this one the copy has been taken back, and another may have taken its place.
		if (fence !== undefined && fence.epoch >= copy.epoch) throw unexpected(ctx, copy.region, fence);
		return fenceOf(ctx, { role: FenceRole.Removing, epoch: copy.epoch, leader: record.leader });
	});
	const nowMs = deps.clock.nowMs();
	const written = await amendCopy(deps, record, copy, (now) => (now.demotedAtMs === undefined ? { ...now, demotedAtMs: nowMs } : now));
	return written.lost?.find(({ region }) => region === copy.region)?.demotedAtMs ?? nowMs;
}

/** Deletes the copy page by page and leaves a `moved` fence. @returns whether it is finished; the same call goes on */
export async function discard(deps: Deps, ctx: CopyContext, record: PartitionRecord, copy: LostCopy): Promise<boolean> {
	const { region, epoch } = copy;
	const store = deps.stores(region);
	const guard = { epoch, migrationId: ctx.migration.migrationId };
	for (const ref of bucketsOf(ctx.partition, record.buckets)) {
		await emptyJournal(ctx, region, ref);
		for (;;) {
			if (deps.clock.nowMs() >= ctx.deadlineMs) return false;
			const { entries } = await store.listItems(ref, { limit: PAGE_SIZE });
			if (entries.length === 0) break;
			const outcome = await store.deleteItems(ref, entries, guard);
			// Whoever called at the same time has finished, or deletes the same page.
			if (outcome === "refused") throw new MigrationConflictError(`the copy in ${region} is not being discarded any more`);
		}
	}
	await moveFences(ctx, region, (fence) => {
		if (!holds(ctx, fence)) return undefined;
		const expiresAt = Math.floor(deps.clock.nowMs() / 1000) + FENCE_RETENTION_SECONDS;
		const { migrationId: _, ...moved } = fenceOf(ctx, { role: FenceRole.Moved, epoch, leader: record.leader, seq: 0 });
		return { ...moved, expiresAt };
	});
	const migrationId = copy.migrationId ?? ctx.migration.migrationId;
	await noteCopy({ ...ctx, migrations: deps.migrations, migration: { migrationId } }, region, "ended");
	await amendPartition(deps, record, (now) => {
		if (!now.lost?.some((one) => isSame(one, copy))) return undefined;
		const { lost, ...rest } = now;
		const left = lost.filter((one) => !isSame(one, copy));
		return left.length === 0 ? rest : { ...rest, lost: left };
	});
	return true;
}

const isSame = (a: LostCopy, b: LostCopy): boolean => a.region === b.region && a.epoch === b.epoch;

/** Changes the copy's entry in the newest version of the record. @throws MigrationConflictError when it has been reclaimed */
export const amendCopy = (
	deps: Deps,
	record: PartitionRecord,
	copy: LostCopy,
	change: (now: LostCopy) => LostCopy,
): Promise<PartitionRecord> =>
	amendPartition(deps, record, (now) => {
		const present = now.lost?.find((one) => isSame(one, copy));
		if (present === undefined) throw new MigrationConflictError(`the copy in ${copy.region} has been reclaimed meanwhile`);
		const next = change(present);
		return next === present ? undefined : { ...now, lost: now.lost?.map((one) => (one === present ? next : one)) };
	});
