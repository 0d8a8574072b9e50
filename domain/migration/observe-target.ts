import type { RegionId } from "#domain/geography/region-id.ts";
import { allBuckets } from "#domain/migration/carry-journal.ts";
import type { CanaryObservation } from "#domain/migration/judge-canary.ts";
import { PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import type { StageContext } from "#domain/migration/stage-context.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { compareVersions } from "#domain/partition/version.ts";
import { mergeSlices, NOTHING_SERVED } from "#domain/partition-state/window.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

/** Journal entries a bucket looked at: a stream that is behind is so for all of them. */
const STALENESS_SAMPLE = 10;

/** What telemetry and the copies themselves say of `target` since `sinceMs`; undefined where nobody keeps telemetry. */
export async function observeTarget(ctx: StageContext, target: RegionId, sinceMs: number): Promise<CanaryObservation | undefined> {
	if (ctx.states === undefined) return undefined;
	const { slices, divergences } = await ctx.states.read(ctx.partition, sinceMs, ctx.clock.nowMs());
	const served = mergeSlices(slices);
	const { source } = ctx.migration;
	const leads = source === target || ctx.migration.decision === "committed";
	const idle = Object.keys(served).length === 0;
	return {
		target: served[target] ?? NOTHING_SERVED,
		leader: leads ? NOTHING_SERVED : (served[source] ?? NOTHING_SERVED),
		divergences: divergences[target] ?? 0,
		// without traffic nobody writes
		stalenessMs: leads || idle ? 0 : await stalenessMs(ctx, target),
	};
}

/** The age of the oldest journalled write that the copy lacks. */
async function stalenessMs(ctx: StageContext, target: RegionId): Promise<number> {
	const ages = await mapParallel(allBuckets(ctx), PARALLEL_BUCKETS, (ref) => bucketStalenessMs(ctx, target, ref));
	return Math.max(0, ...ages);
}

async function bucketStalenessMs(ctx: StageContext, target: RegionId, ref: BucketRef): Promise<number> {
	const leader = ctx.stores(ctx.migration.source);
	const { entries } = await leader.listJournal(ref, { limit: STALENESS_SAMPLE });
	let oldestMs = 0;
	for (const { key, version } of entries) {
		const copy = await ctx.stores(target).readItem(ref, key);
		if (copy !== undefined && compareVersions(copy.version, version) >= 0) continue;
		const item = await leader.readItem(ref, key);
		if (item !== undefined) oldestMs = Math.max(oldestMs, ctx.clock.nowMs() - item.writtenAtMs);
	}
	return oldestMs;
}
