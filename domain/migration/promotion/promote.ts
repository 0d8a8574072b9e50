import type { RegionId } from "#domain/geography/region-id.ts";
import { CarryRefusedError, FencesBusyError, MigrationConflictError } from "#domain/migration/errors.ts";
import { abortMigration } from "#domain/migration/promotion/abort-migration.ts";
import { judgePromotion, type PromotionView, regionsToLookAt } from "#domain/migration/promotion/judge-promotion.ts";
import { mergeCopies } from "#domain/migration/promotion/merge-copies.ts";
import {
	amendPromotion,
	contextOf,
	isLeading,
	type PromotionDeps,
	type PromotionRefused,
	type PromotionRequest,
	promotionIdOf,
	refusedPromotion,
	type SeenFence,
} from "#domain/migration/promotion/promotion.ts";
import { fenceOf, holds, moveFences, readRegionFence, released, unexpected } from "#domain/migration/region-fences.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { type LostCopy, type PartitionRecord, Phase, type Promotion } from "#domain/partition/record.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export type PromotionOutcome =
	| { readonly kind: "promoted"; readonly record: PartitionRecord }
	/** The same call goes on, after `waitSeconds`. */
	| { readonly kind: "again"; readonly waitSeconds: number; readonly record: PartitionRecord }
	| PromotionRefused;

/**
 * Makes a follower the leader after the loss of the leader's region: claims the partition, takes an open migration's decision, takes the
 * fences of all copies that answer to the new epoch, waits until nothing that believes in an earlier one is alive, makes the copies
 * equal, and only then lets the target lead. Calling it again, after a crash or by two operators at once, goes on.
 *
 * @throws UnavailableError when a region or the control region does not answer; calling again is safe
 */
export async function promote(
	deps: PromotionDeps,
	partition: PartitionId,
	request: PromotionRequest,
	deadlineMs: number,
): Promise<PromotionOutcome> {
	try {
		const record = await deps.metadata.readControl(partition);
		if (record === undefined) return refusedPromotion("promotion.partition-unknown", `there is no partition ${partition}`);
		if (isFor(record.promotion, request)) return await carryOut(deps, record, record.promotion, deadlineMs);
		const view = await look(deps, record);
		const verdict = judgePromotion(view, request);
		if (verdict.kind === "leads") return { kind: "promoted", record };
		if (verdict.kind === "refused") return verdict;
		await deps.open.note(partition, deps.clock.nowMs());
		const claim = await deps.metadata.replace(claimed(record, verdict, request, deps.clock.nowMs()));
		if (claim.kind === "conflict") return busy("the partition's record has just changed");
		const { promotion } = claim.record;
		return promotion === undefined ? busy("the claim is gone") : await carryOut(deps, claim.record, promotion, deadlineMs);
	} catch (error) {
		if (error instanceof MigrationConflictError || error instanceof FencesBusyError || error instanceof CarryRefusedError)
			return busy(error.message);
		throw error;
	}
}

const busy = (reason: string): PromotionRefused => refusedPromotion("promotion.busy", reason);

/** Whether a promotion under way is what is asked for. One that may lose writes when the one under way may not is another one. */
const isFor = (promotion: Promotion | undefined, { target, mayLoseWrites }: PromotionRequest): promotion is Promotion =>
	promotion !== undefined && promotion.target === target && (promotion.mayLoseWrites || !mayLoseWrites);

async function look(deps: PromotionDeps, record: PartitionRecord): Promise<PromotionView> {
	const id = record.promotion === undefined ? record.migrationId : record.promotion.migrationId;
	const migration = id === undefined ? undefined : await deps.migrations.read(id);
	const ctx = contextOf(deps, record, "", Number.POSITIVE_INFINITY);
	const seen = regionsToLookAt(record, migration).map(
		async (region): Promise<[RegionId, SeenFence]> => [region, await readRegionFence(ctx, region).then(orAbsent, orUnreachable)],
	);
	return { record, migration, fences: new Map(await Promise.all(seen)) };
}

const orAbsent = <T>(fence: T | undefined): T | "absent" => fence ?? "absent";

function orUnreachable(error: unknown): "unreachable" {
	if (error instanceof UnavailableError) return "unreachable";
	throw error;
}

function claimed(
	{ canary: _, ...record }: PartitionRecord,
	{ epoch, keep, lost, committed }: Pick<Promotion, "epoch" | "keep" | "lost" | "committed">,
	{ target, mayLoseWrites }: PromotionRequest,
	nowMs: number,
): PartitionRecord {
	const promotionId = promotionIdOf(record.partition, epoch);
	const before = record.promotion;
	const migrationId = before === undefined ? record.migrationId : before.migrationId;
	const promotion: Promotion = {
		promotionId,
		target,
		epoch,
		keep,
		lost,
		committed,
		mayLoseWrites,
		merged: {},
		...(migrationId === undefined ? {} : { migrationId }),
	};
	return {
		...record,
		phase: Phase.Promoting,
		migrationId: promotionId,
		promotion,
		version: record.version + 1,
		updatedAtMs: nowMs,
	};
}

async function carryOut(deps: PromotionDeps, start: PartitionRecord, first: Promotion, deadlineMs: number): Promise<PromotionOutcome> {
	const { promotionId } = first;
	const ctx = contextOf(deps, start, promotionId, deadlineMs);
	let record = start;
	let promotion = first;
	if (promotion.seizedAtMs === undefined) {
		if ((await abortMigration(deps, record, promotion)) === "committed")
			return refusedPromotion("promotion.leader-reachable", "a migration has committed meanwhile; promote its target");
		record = await seizeAll(deps, ctx, record, promotion);
		promotion = record.promotion ?? promotion;
	}
	const waitSeconds = Math.ceil(((promotion.seizedAtMs ?? 0) + deps.quiesceSeconds * 1000 - deps.clock.nowMs()) / 1000);
	if (waitSeconds > 0) return { kind: "again", waitSeconds, record };
	if (!(await isLed(ctx, promotion))) {
		const { merged, finished } = await mergeCopies(ctx, promotion);
		if (!finished) {
			record = await amendPromotion(deps, record, promotionId, (now, whole) => ({ ...whole, promotion: { ...now, merged } }));
			return { kind: "again", waitSeconds: 1, record };
		}
	}
	await takeLead(ctx, promotion);
	for (const region of promotion.keep) await release(ctx, promotion, region);
	record = await amendPromotion(deps, record, promotionId, (now, whole) => promoted(whole, now, deps.clock.nowMs()));
	return { kind: "promoted", record };
}

/**
 * All copies that stay, and when that was done. One that is no follower any more, since it is being removed, counts as left behind; one
 * that leads by now, since an earlier promotion was carried out after all, does not: it is that one which goes on.
 */
async function seizeAll(deps: PromotionDeps, ctx: CopyContext, record: PartitionRecord, promotion: Promotion): Promise<PartitionRecord> {
	await seize(ctx, promotion, promotion.target);
	const gone: RegionId[] = [];
	for (const region of promotion.keep) {
		await seize(ctx, promotion, region).catch(async (error: unknown) => {
			if (!(error instanceof MigrationConflictError) || isLeading(await readRegionFence(ctx, region))) throw error;
			gone.push(region);
		});
	}
	const seizedAtMs = deps.clock.nowMs();
	return amendPromotion(deps, record, promotion.promotionId, (now, whole) => {
		if (now.seizedAtMs !== undefined) return undefined;
		const keep = now.keep.filter((region) => !gone.includes(region));
		return { ...whole, promotion: { ...now, keep, lost: [...now.lost, ...gone], seizedAtMs } };
	});
}

/** Takes a copy to the new epoch as a follower: from here on nothing of an earlier leader lands here, and nobody else can promote it. */
function seize(ctx: CopyContext, { target, epoch }: Promotion, region: RegionId): Promise<unknown> {
	const roles: readonly FenceRole[] = region === target ? [FenceRole.Follower, FenceRole.Leader, FenceRole.Fenced] : [FenceRole.Follower];
	return moveFences(ctx, region, (fence) => {
		if (fence !== undefined && fence.epoch >= epoch) return undefined;
		if (fence === undefined || !roles.includes(fence.role)) throw unexpected(ctx, region, fence);
		return fenceOf(ctx, { role: FenceRole.Follower, epoch, leader: target });
	});
}

async function isLed(ctx: CopyContext, { target, epoch }: Promotion): Promise<boolean> {
	const fence = await readRegionFence(ctx, target);
	if (fence === undefined || fence.epoch < epoch) throw unexpected(ctx, target, fence);
	return fence.epoch > epoch || fence.role !== FenceRole.Follower || !holds(ctx, fence);
}

/** The point of no return. Steady, for nothing is handed over any more; followers are fed from the stream. */
function takeLead(ctx: CopyContext, { target, epoch, keep }: Promotion): Promise<unknown> {
	return moveFences(ctx, target, (fence) => {
		if (fence === undefined || fence.epoch < epoch) throw unexpected(ctx, target, fence);
		if (fence.epoch > epoch || fence.role !== FenceRole.Follower || !holds(ctx, fence)) return undefined;
		return released(fenceOf(ctx, { role: FenceRole.Leader, epoch, leader: target, peers: keep }));
	});
}

function release(ctx: CopyContext, { epoch }: Promotion, region: RegionId): Promise<unknown> {
	return moveFences(ctx, region, (fence) =>
		fence !== undefined && holds(ctx, fence) && fence.epoch === epoch && fence.role === FenceRole.Follower ? released(fence) : undefined,
	);
}

/** By the record as it was before the promotion: what was no member yet is the migration's. */
const originOf = (
	{ leader, followers }: Pick<PartitionRecord, "leader" | "followers">,
	{ migrationId }: Promotion,
	region: RegionId,
): Pick<LostCopy, "member" | "migrationId"> => {
	if (leader === region || followers.includes(region)) return { member: true };
	return migrationId === undefined ? {} : { migrationId };
};

function promoted({ promotion: _, migrationId: __, ...record }: PartitionRecord, promotion: Promotion, nowMs: number): PartitionRecord {
	const { target, keep, epoch } = promotion;
	const known = record.lost ?? [];
	const copies = [
		...known.filter(({ region }) => region !== target && !keep.includes(region) && !promotion.lost.includes(region)),
		...promotion.lost.map((region) => ({ region, epoch, sinceMs: nowMs, ...originOf(record, promotion, region) })),
	];
	return {
		...record,
		leader: target,
		followers: keep,
		epoch,
		phase: Phase.Active,
		leaderSinceMs: nowMs,
		...(copies.length === 0 ? {} : { lost: copies }),
	};
}
