import type { PlanInput } from "#domain/migration/plan.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { createPartitionState } from "#domain/partition-state/state.ts";

/** How far back a plan looks, in seconds: an hour of the partition's own errors and latencies. */
const LOOK_BACK_SECONDS = 3600;
/** How old a measured size may be before the copy is counted again, in ms. */
const SIZE_MAX_AGE_MS = 3_600_000;

/** Where it is looked for. */
export type PlanSources = Pick<StageDeps, "states" | "measureCopy" | "rttMs" | "controlRegion" | "clock">;

/** What a plan for the partition may build on, as far as this deployment's parts can tell. A plan can be made without any of it. */
export async function knowledgeOf(deps: PlanSources, record: PartitionRecord): Promise<Pick<PlanInput, "state" | "size" | "distance">> {
	const { states, rttMs, controlRegion, clock } = deps;
	const nowMs = clock.nowMs();
	const [evidence, size] = await Promise.all([
		states?.read(record.partition, nowMs - LOOK_BACK_SECONDS * 1000, nowMs),
		sizeOf(deps, record, nowMs),
	]);
	const state =
		evidence === undefined ? undefined : createPartitionState({ record, evidence, size, windowSeconds: LOOK_BACK_SECONDS, nowMs });
	return {
		...(state === undefined ? {} : { state }),
		...(size === undefined ? {} : { size }),
		...(rttMs === undefined || controlRegion === undefined ? {} : { distance: { rttMs, controlRegion } }),
	};
}

/** As last measured, if that is recent; else counted; else as last measured, however long ago. */
async function sizeOf({ states, measureCopy }: PlanSources, { partition, leader, buckets }: PartitionRecord, nowMs: number) {
	const known = await states?.readSize(partition);
	if (known !== undefined && nowMs - known.measuredAtMs <= SIZE_MAX_AGE_MS) return known;
	return (await measureCopy?.(leader, partition, buckets)) ?? known;
}
