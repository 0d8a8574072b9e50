import type { RegionId } from "#domain/geography/region-id.ts";
import { FencesBusyError, MigrationConflictError } from "#domain/migration/errors.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { type Fence, type FenceChange, type FenceExpectation, FenceRole, WriteMode } from "#domain/partition/fence.ts";

/** A fence as a change writes it. */
export type NextFence = Exclude<FenceChange["next"], "delete">;

/** What a change is conditional on. A rule that is given a guess may look at nothing else of the fence. */
export type FenceIdentity = Pick<Fence, "role" | "epoch" | "mode" | "migrationId">;

type Context = Pick<CopyContext, "stores" | "migration" | "partition">;

/** Reads and changes between which another writer may come before it counts as a failure. */
const MAX_ATTEMPTS = 5;

/** A region's fence of the partition. All buckets change in one transaction, so one stands for all. @throws MigrationConflictError if they differ */
export async function readRegionFence(ctx: Context, region: RegionId): Promise<Fence | undefined> {
	const fences = await ctx.stores(region).readFences(ctx.partition, ctx.migration.plan.replicas.buckets);
	const [first] = fences;
	const same = fences.every((fence) => identity(fence) === identity(first));
	if (!same) throw new MigrationConflictError(`the buckets' fences in ${region} differ`, { region });
	return first;
}

/**
 * Brings a region's fences, all buckets in one transaction, to what `decide` makes of the present one; undefined leaves them. The change
 * is conditional on role, epoch, mode and migrationId just read, so a writer that paused in between can do nothing.
 *
 * @param decide told what is there: the whole fence
 * @returns the fence as it is now; of one that was written, `seq` only where it was set
 * @throws what `decide` throws for a fence from which this move must not start; FencesBusyError when others keep changing them
 */
export async function moveFences(
	ctx: Context,
	region: RegionId,
	decide: (current: Fence | undefined) => NextFence | undefined,
): Promise<NextFence | undefined> {
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const current = await readRegionFence(ctx, region);
		const next = decide(current);
		if (next === undefined) return current;
		if (await replaceFences(ctx, region, current, next)) return next;
	}
	throw new FencesBusyError(region);
}

/**
 * The same for a fence that usually is as this stage expects it: tries the change from there without reading. What it may start from
 * is checked by the condition of the change; where that fails, `decide` is asked about the fence as it is.
 */
export async function moveExpectedFences(
	ctx: Context,
	region: RegionId,
	move: { readonly from: FenceIdentity | "absent"; readonly to: NextFence },
	decide: (current: Fence | undefined) => NextFence | undefined,
): Promise<NextFence | undefined> {
	if (await replaceFences(ctx, region, move.from === "absent" ? undefined : move.from, move.to)) return move.to;
	return moveFences(ctx, region, decide);
}

async function replaceFences(ctx: Context, region: RegionId, from: FenceIdentity | undefined, next: NextFence): Promise<boolean> {
	const expect = expectationOf(from);
	const changes = Array.from({ length: ctx.migration.plan.replicas.buckets }, (_, bucket) => ({ bucket, expect, next }));
	return (await ctx.stores(region).changeFences(ctx.partition, changes)) === "applied";
}

/** Whether this migration holds the fence. */
export const holds = (ctx: Context, fence: Pick<Fence, "migrationId"> | undefined): boolean =>
	fence?.migrationId === ctx.migration.migrationId;

/** A fence of this migration, holding its id. */
export const fenceOf = (
	ctx: Context,
	fence: { role: FenceRole; epoch: number; leader: RegionId; mode?: WriteMode; peers?: readonly RegionId[]; seq?: number },
): NextFence => ({
	mode: WriteMode.Steady,
	peers: [],
	...fence,
	buckets: ctx.migration.plan.replicas.buckets,
	migrationId: ctx.migration.migrationId,
});

/**
 * A follower at `epoch` behind `leader`, held by this migration: raised from an earlier epoch, left alone at this or a later one (it
 * may have been released there). `take` also takes hold of one that stands at this epoch already. A former leader keeps its peers, for
 * its stream may still owe them what it accepted.
 */
export const followAt =
	(ctx: Context, region: RegionId, epoch: number, leader: RegionId, take = false) =>
	(current: Fence | undefined): NextFence | undefined => {
		if (current?.role !== FenceRole.Follower) throw unexpected(ctx, region, current);
		if (current.epoch > epoch || (current.epoch === epoch && !take)) return undefined;
		if (holds(ctx, current) && current.epoch === epoch) return undefined;
		if (current.migrationId !== undefined && !holds(ctx, current)) throw unexpected(ctx, region, current);
		return fenceOf(ctx, { role: FenceRole.Follower, epoch, leader, peers: current.peers.filter((peer) => peer !== leader) });
	};

/** The fence without the migration's hold. */
export function released(fence: NextFence): NextFence {
	const { migrationId: _, seq: __, ...rest } = fence;
	return rest;
}

/** A fence that no rule of this stage starts from. */
export const unexpected = (ctx: Context, region: RegionId, fence: FenceIdentity | undefined): MigrationConflictError =>
	new MigrationConflictError(
		`the fence in ${region} is ${fence === undefined ? "absent" : `${fence.role} at epoch ${fence.epoch}`}, held by ${fence?.migrationId ?? "nobody"}`,
		{ region, migrationId: ctx.migration.migrationId, ...(fence === undefined ? {} : { role: fence.role, epoch: fence.epoch }) },
	);

const identity = (fence: Fence | undefined): string =>
	fence === undefined ? "absent" : `${fence.role}/${fence.epoch}/${fence.mode}/${fence.migrationId ?? ""}`;

const expectationOf = (current: FenceIdentity | undefined): FenceExpectation =>
	current === undefined
		? "absent"
		: { role: current.role, epoch: current.epoch, mode: current.mode, migrationId: current.migrationId ?? null };
