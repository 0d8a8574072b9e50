import type { RegionId } from "#domain/geography/region-id.ts";
import { compareBucket } from "#domain/migration/compare-copies.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import { isReceiptKey } from "#domain/partition/receipt.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";

/** A key whose last version in a lost region its new leader does not have, or may never have had. */
export interface Loss {
	readonly key: string;
	readonly version: Version;
	/** The lost write was a deletion. */
	readonly deleted: boolean;
	readonly writtenAtMs: number;
	/** False: the key has been written again since the promotion, so it cannot be told whether that write had seen this one. */
	readonly certain: boolean;
}

/** How far a listing has come; undefined at the beginning. */
export interface LossPosition {
	readonly bucket: number;
	readonly after?: string | undefined;
	/** Losses before this position. */
	readonly count: number;
}

export interface LossPage {
	readonly losses: readonly Loss[];
	readonly count: number;
	/** Absent at the end. */
	readonly next?: LossPosition;
}

/** A demoted copy, its leader, and the epoch of the promotion that left it behind. */
export interface DemotedCopy {
	readonly region: RegionId;
	readonly leader: RegionId;
	readonly epoch: number;
}

/**
 * Compares a demoted copy with its leader, bucket by bucket, until `limit` losses or the deadline.
 *
 * @param onLoss takes each lost write with its content before it counts as listed
 */
export async function listLosses(
	ctx: CopyContext,
	{ region, leader, epoch }: DemotedCopy,
	limit: number,
	start: LossPosition = { bucket: 0, count: 0 },
	onLoss?: (ref: BucketRef, write: StoredItem) => Promise<void>,
): Promise<LossPage> {
	const losses: Loss[] = [];
	const buckets = ctx.migration.plan.replicas.buckets;
	let walk: { position: string | true | undefined } = { position: start.after };
	for (const ref of bucketsOf(ctx.partition, buckets).slice(start.bucket)) {
		const isOver = (): boolean => losses.length >= limit || ctx.clock.nowMs() >= ctx.deadlineMs;
		const bounded = { position: walk.position, isOver };
		for await (const { leader: present, copy } of compareBucket(ctx.stores(leader), ctx.stores(region), ref, ctx.clock.nowMs(), bounded)) {
			const loss = copy === undefined ? undefined : lossOf(copy, present, epoch);
			if (copy === undefined || loss === undefined) continue;
			await onLoss?.(ref, copy);
			losses.push(loss);
		}
		const count = start.count + losses.length;
		const { position } = bounded;
		if (position !== true) {
			return { losses, count, next: { bucket: ref.bucket, count, ...(position === undefined ? {} : { after: position }) } };
		}
		walk = { position: undefined };
	}
	return { losses, count: start.count + losses.length };
}

/** Undefined: the leader has it, or what followed on it. */
function lossOf(copy: StoredItem, present: StoredItem | undefined, epoch: number): Loss | undefined {
	const { key, version, deleted, writtenAtMs } = copy;
	// Not an item of the application: a retry with that idempotency key writes again.
	if (isReceiptKey(key)) return undefined;
	if (present === undefined || compareVersions(present.version, version) < 0) return { key, version, deleted, writtenAtMs, certain: true };
	return present.version.epoch >= epoch && version.epoch < epoch ? { key, version, deleted, writtenAtMs, certain: false } : undefined;
}
