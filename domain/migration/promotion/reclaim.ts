import type { RegionId } from "#domain/geography/region-id.ts";
import { FencesBusyError, MigrationConflictError } from "#domain/migration/errors.ts";
import { type Loss, type LossPosition, listLosses } from "#domain/migration/promotion/list-losses.ts";
import type { PromotionDeps } from "#domain/migration/promotion/promotion.ts";
import { amendCopy, backContext, demote, discard, secondsUntilStill } from "#domain/migration/promotion/take-back.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { LostCopy, PartitionRecord } from "#domain/partition/record.ts";

type Deps = Omit<PromotionDeps, "open">;

/** Why a returned copy is not taken back. The codes are stable. */
export type ReclaimRefusalCode = "returned.unknown" | "returned.losses-not-seen" | "returned.busy";

export type ReclaimOutcome =
	/** The copy takes no writes any more; what it took until a moment ago may still be landing. The same call goes on. */
	| { readonly kind: "waiting"; readonly waitSeconds: number }
	| { readonly kind: "losses"; readonly losses: readonly Loss[]; readonly count: number; readonly next?: LossPosition }
	/** Still deleting; the same call goes on. */
	| { readonly kind: "again" }
	/** Nothing is left; the region may be given a copy like any other. */
	| { readonly kind: "reclaimed" }
	| { readonly kind: "refused"; readonly code: ReclaimRefusalCode; readonly reason: string };

export interface ReclaimRequest {
	readonly region: RegionId;
	/** Where a listing goes on. */
	readonly from?: LossPosition;
	readonly limit: number;
	/** The number of losses that the operator has seen in a whole listing: discards the copy. */
	readonly discardLosses?: number;
}

/**
 * Takes back a copy that a promotion left behind, step by step: its fences refuse every write, then what it had acknowledged and the
 * leader lacks is listed, then, once an operator has said how many that are, it is deleted. A normal migration may copy to it again.
 *
 * @throws UnavailableError when the region does not answer; calling again is safe
 */
export async function reclaim(deps: Deps, partition: PartitionId, request: ReclaimRequest, deadlineMs: number): Promise<ReclaimOutcome> {
	const record = await deps.metadata.readControl(partition);
	const copy = record?.lost?.find(({ region }) => region === request.region);
	if (record === undefined || copy === undefined)
		return refused("returned.unknown", `no promotion of ${partition} has left a copy behind in ${request.region}`);
	const ctx = backContext(deps, record, copy, deadlineMs);
	try {
		return await takeBack(deps, ctx, record, copy, request);
	} catch (error) {
		if (error instanceof MigrationConflictError || error instanceof FencesBusyError) return refused("returned.busy", error.message);
		throw error;
	}
}

async function takeBack(
	deps: Deps,
	ctx: CopyContext,
	record: PartitionRecord,
	copy: LostCopy,
	{ from, limit, discardLosses }: ReclaimRequest,
): Promise<ReclaimOutcome> {
	const demotedAtMs = copy.demotedAtMs ?? (await demote(deps, ctx, record, copy));
	const waitSeconds = secondsUntilStill(deps, demotedAtMs);
	if (waitSeconds > 0) return { kind: "waiting", waitSeconds };
	if (copy.discarding === true) return outcomeOf(await discard(deps, ctx, record, copy));
	if (discardLosses === undefined) {
		const { region, epoch } = copy;
		const page = await listLosses(ctx, { region, leader: record.leader, epoch }, limit, from);
		if (page.next === undefined) await amendCopy(deps, record, copy, (now) => ({ ...now, losses: page.count }));
		return { kind: "losses", ...page };
	}
	if (copy.losses !== discardLosses)
		return refused("returned.losses-not-seen", `the last whole listing has shown ${copy.losses ?? "nothing yet"}, not ${discardLosses}`);
	const agreed = await amendCopy(deps, record, copy, (now) => (now.losses === discardLosses ? { ...now, discarding: true } : now));
	const now = agreed.lost?.find((one) => one.region === copy.region && one.epoch === copy.epoch);
	if (now?.discarding !== true) return refused("returned.losses-not-seen", "another listing has shown another number");
	return outcomeOf(await discard(deps, ctx, agreed, now));
}

const outcomeOf = (finished: boolean): ReclaimOutcome => ({ kind: finished ? "reclaimed" : "again" });

const refused = (code: ReclaimRefusalCode, reason: string): Extract<ReclaimOutcome, { kind: "refused" }> => ({
	kind: "refused",
	code,
	reason,
});
