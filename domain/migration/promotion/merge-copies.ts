import type { RegionId } from "#domain/geography/region-id.ts";
import { carryItems } from "#domain/migration/carry-journal.ts";
import { compareBucket } from "#domain/migration/compare-copies.ts";
import { MigrationConflictError } from "#domain/migration/errors.ts";
import { holds } from "#domain/migration/region-fences.ts";
import { PAGE_SIZE } from "#domain/migration/settings.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import type { Promotion } from "#domain/partition/record.ts";
import { compareVersions } from "#domain/partition/version.ts";

type Positions = Promotion["merged"];

/**
 * Gives the copy to promote and each copy that stays what the other has in a newer version: the lost leader may have reached one and
 * not the other. Nobody writes meanwhile; journals are emptied, for equal copies owe each other nothing.
 *
 * @returns how far it has come, and whether that is the end
 * @throws CarryRefusedError when another promotion has taken over, or this one has been finished
 */
export async function mergeCopies(
	ctx: CopyContext,
	{ target, keep, epoch, merged }: Pick<Promotion, "target" | "keep" | "epoch" | "merged">,
): Promise<{ readonly merged: Positions; readonly finished: boolean }> {
	const now: Record<string, string | true> = { ...merged };
	// What a later copy gives to the target, the earlier ones get in a second pass.
	const passes = [...keep.map((region) => ({ region, pass: 1 })), ...keep.slice(0, -1).map((region) => ({ region, pass: 2 }))];
	for (const { region, pass } of passes) {
		for (const ref of bucketsOf(ctx.partition, ctx.migration.plan.replicas.buckets)) {
			const id = `${pass}#${region}#${ref.bucket}`;
			if (now[id] === true) continue;
			const position = await mergeBucket(ctx, { target, region, epoch }, ref, now[id]);
			if (position !== undefined) now[id] = position;
			if (position !== true) return { merged: now, finished: false };
		}
	}
	for (const region of [target, ...keep])
		for (const ref of bucketsOf(ctx.partition, ctx.migration.plan.replicas.buckets)) await emptyJournal(ctx, region, ref);
	return { merged: now, finished: true };
}

async function mergeBucket(
	ctx: CopyContext,
	{ target, region, epoch }: { readonly target: RegionId; readonly region: RegionId; readonly epoch: number },
	ref: BucketRef,
	start: string | true | undefined,
): Promise<string | true | undefined> {
	const walk = { position: start, isOver: () => ctx.clock.nowMs() >= ctx.deadlineMs };
	for await (const { leader: own, copy } of compareBucket(ctx.stores(target), ctx.stores(region), ref, ctx.clock.nowMs(), walk)) {
		const ownIsNewer = own !== undefined && (copy === undefined || compareVersions(own.version, copy.version) > 0);
		const [newer, to] = ownIsNewer ? [own, region] : [copy, target];
		if (newer !== undefined) await carryItems(ctx, { to: [to], epoch }, ref, [newer]);
	}
	return walk.position;
}

/** Entries beside a copy that leads nothing. The first page again and again: what it shows is removed. */
export async function emptyJournal(ctx: CopyContext, region: RegionId, ref: BucketRef): Promise<void> {
	const store = ctx.stores(region);
	for (;;) {
		const { entries } = await store.listJournal(ref, { limit: PAGE_SIZE });
		if (entries.length === 0) return;
		// Listed first: while this id holds the fence nobody adds to them, and whoever was paused finds another holder.
		if (!holds(ctx, await store.readFence(ref))) throw new MigrationConflictError(`the journal in ${region} is in use again`, { region });
		for (const { key, version } of entries) await store.removeJournalEntry(ref, key, version);
	}
}
