import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence } from "#domain/partition/fence.ts";
import { type BucketRef, bucketsOf, type PartitionId } from "#domain/partition/partition-id.ts";
import { DEFAULT_BUCKETS } from "#domain/partition/settings.ts";
import { standingOf } from "#domain/partition/standing.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { assertNever } from "#domain/shared/assert-never.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { checkTime } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import type { SeenFence } from "#lambdas/serve-data/fence-book.ts";
import { resolveAbsent } from "#lambdas/serve-data/first-touch.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** What a request touches. */
export interface Visit {
	readonly partition: PartitionId;
	/** Undefined: every bucket (a list). */
	readonly key: string | undefined;
	readonly buckets: number | undefined;
	/** Whether it may bring the partition into being. */
	readonly creates: boolean;
}

/** The right to act as leader: on these buckets, at this fence's epoch and mode, as a steady leader until `validUntilMs`. */
export interface Leadership {
	readonly refs: readonly BucketRef[];
	readonly fence: Fence;
	readonly validUntilMs: number;
}

export type Led<T> =
	| { readonly kind: "led"; readonly value: T; readonly fence: Fence }
	| {
			readonly kind: "elsewhere";
			readonly leader: RegionId;
			readonly buckets: number;
			/** This region's own fence; undefined where it has none. */
			readonly fence: Fence | undefined;
	  };

/** How a request waits out a cutover (protocol, "Cutover, exactly"), in ms. */
const FENCED_STEP_MS = 50;
const FENCED_LIMIT_MS = 2_000;
/** How often fences may turn out changed before the request gives up. */
const MAX_CHANGES = 8;

/**
 * Runs `act` as the leader of what `visit` touches, as often as fences change beneath it (`act` then returns undefined); waits while
 * they are fenced; says who leads where this region does not.
 *
 * @throws ProblemError `partition.fenced`, `partition.unsettled`, `partition.unavailable` (503) or `partition.unknown` (404).
 */
export async function whileLeading<T>(
	deps: DataPlaneDeps,
	visit: Visit,
	act: (leadership: Leadership) => Promise<T | undefined>,
): Promise<Led<T>> {
	// Where a fence is, it tells the count; the metadata may be out of reach, and is asked where none is.
	let buckets = visit.buckets ?? DEFAULT_BUCKETS;
	let waitedMs = 0;
	for (let changes = 0; changes < MAX_CHANGES; ) {
		checkTime(deps);
		const refs = refsOf(visit, buckets);
		const seen = await look(deps, visit, refs, buckets);
		const counted = seen.find(({ fence }) => fence !== undefined && fence.buckets !== buckets)?.fence?.buckets;
		if (counted !== undefined) {
			// The count is fixed for a copy generation; the control region knows the present one, if anybody does.
			buckets = (await presentCount(deps, visit.partition)) ?? counted;
			if (buckets !== counted && changes > 0) buckets = counted;
			changes += 1;
			continue;
		}
		const standing = standingOf(
			seen.map(({ fence }) => fence),
			deps.region,
		);
		switch (standing.kind) {
			case "lead": {
				const validUntilMs = Math.min(...seen.map((one) => one.validUntilMs));
				const value = await act({ refs, fence: standing.fence, validUntilMs });
				if (value !== undefined) return { kind: "led", value, fence: standing.fence };
				changes += 1;
				break;
			}
			case "wait":
				if (waitedMs >= FENCED_LIMIT_MS) throw new ProblemError("partition.fenced");
				waitedMs += FENCED_STEP_MS;
				await deps.clock.sleep(FENCED_STEP_MS);
				break;
			case "torn":
				changes += 1;
				break;
			case "elsewhere": {
				const leader = standing.leader ?? (await leaderByMetadata(deps, visit.partition));
				return { kind: "elsewhere", leader, buckets, fence: standing.fence };
			}
			case "absent": {
				const found = await resolveAbsent(deps, visit);
				if (found.kind === "elsewhere") return { ...found, fence: undefined };
				buckets = found.buckets;
				changes += 1;
				break;
			}
			default:
				assertNever(standing);
		}
		deps.fences.forget(refs);
	}
	throw new ProblemError("partition.unsettled");
}

/** The count of buckets that the control region knows; undefined where it has no record, or does not answer. */
async function presentCount({ metadata }: DataPlaneDeps, partition: PartitionId): Promise<number | undefined> {
	try {
		return (await metadata.readControl(partition))?.buckets;
	} catch (error) {
		if (error instanceof UnavailableError) return undefined;
		throw error;
	}
}

const refsOf = ({ partition, key }: Visit, buckets: number): readonly BucketRef[] =>
	key === undefined ? bucketsOf(partition, buckets) : [{ partition, bucket: bucketOf(key, buckets) }];

async function look(deps: DataPlaneDeps, visit: Visit, refs: readonly BucketRef[], buckets: number): Promise<readonly SeenFence[]> {
	const [only] = refs;
	return visit.key !== undefined && only !== undefined ? [await deps.fences.one(only)] : deps.fences.all(visit.partition, buckets);
}

/** For a fence that names no other leader: the nearest copy of the metadata, then the control region. @throws ProblemError `partition.unavailable`. */
async function leaderByMetadata({ metadata, region }: DataPlaneDeps, partition: PartitionId): Promise<RegionId> {
	const near = await metadata.readNearest(partition);
	if (near !== undefined && near.leader !== region) return near.leader;
	const control = await metadata.readControl(partition);
	if (control !== undefined && control.leader !== region) return control.leader;
	throw new ProblemError("partition.unavailable", "The records name this region, its fences another role.");
}
