import type { RegionId } from "#domain/geography/region-id.ts";
import { amendRecord, closed } from "#domain/migration/amend-record.ts";
import { type Decision, deciderOf, decisionOf } from "#domain/migration/cutover-decision.ts";
import { contextOf, type PromotionDeps } from "#domain/migration/promotion/promotion.ts";
import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import { holds, moveFences, type NextFence } from "#domain/migration/region-fences.ts";
import { FENCE_RETENTION_SECONDS } from "#domain/migration/settings.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import type { PartitionRecord, Promotion } from "#domain/partition/record.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

/**
 * Takes the decision of the migration that held the partition, and makes sure that none of its new copies comes into being any more.
 * Then its record is closed, so that nobody runs it again.
 *
 * @returns `committed` when its new leader leads and is not the one to promote; nothing was changed then
 * @throws UnavailableError when the new leader does not answer and no write may be lost
 */
export async function abortMigration(deps: PromotionDeps, record: PartitionRecord, promotion: Promotion): Promise<"aborted" | "committed"> {
	const migration = promotion.migrationId === undefined ? undefined : await deps.migrations.read(promotion.migrationId);
	if (migration === undefined || migration.state !== MigrationState.Running) return "aborted";
	const decision = await decide(deps, record, promotion, migration);
	const overtaken = decision === "committed" && !promotion.committed && migration.plan.transfer !== undefined;
	if (overtaken && migration.plan.transfer !== promotion.target) return "committed";
	const ctx = contextOf(deps, record, migration.migrationId, Number.POSITIVE_INFINITY);
	for (const region of migration.plan.joins)
		if (region !== promotion.target) await ifReachable(() => moveFences(ctx, region, (fence) => forbidJoin(ctx, migration, fence)));
	const reason = `${promotion.target} was promoted`;
	const state = decision === "aborted" ? MigrationState.Cancelled : MigrationState.Failed;
	await amendRecord(deps, migration, (now) =>
		closed(decision === "aborted" ? { ...now, decision } : now, state, deps.clock.nowMs(), reason),
	);
	return "aborted";
}

/** The decision, taken as `aborted` where nobody has; undecided where that was out of reach, or leadership does not depend on it. */
async function decide(
	deps: PromotionDeps,
	record: PartitionRecord,
	promotion: Promotion,
	migration: MigrationRecord,
): Promise<Decision | undefined> {
	if (migration.decision !== undefined) return migration.decision;
	const { kind, region } = deciderOf(migration);
	if (kind !== "transfer") return undefined;
	const ctx = contextOf(deps, record, migration.migrationId, Number.POSITIVE_INFINITY);
	const fence = await ifReachable(async () => ({
		now: await moveFences(ctx, region, (current) => aborted(ctx, migration, region, current)),
	}));
	if (fence !== undefined) return decisionOf(migration, fence.now);
	if (promotion.mayLoseWrites) return undefined;
	throw new UnavailableError(`${region} does not answer, so the migration's decision cannot be taken`, { code: "promotion.undecided" });
}

/** The decider's abort: a new copy is over, a standing follower goes on at the next epoch. */
function aborted(ctx: CopyContext, migration: MigrationRecord, region: RegionId, current: Fence | undefined): NextFence | undefined {
	if (decisionOf(migration, current) !== "undecided") return undefined;
	if (migration.plan.joins.includes(region)) return forbidJoin(ctx, migration, current);
	if (current?.role !== FenceRole.Follower) return undefined;
	const { seq: _, ...rest } = current;
	return { ...rest, epoch: migration.epoch + 1 };
}

/** Somebody else's copy in the way stays as it is: this plan could not have used it. */
function forbidJoin(ctx: CopyContext, { epoch, source, plan }: MigrationRecord, current: Fence | undefined): NextFence | undefined {
	const vacant =
		current === undefined || ((current.role === FenceRole.Moved || current.role === FenceRole.Aborted) && current.epoch <= epoch);
	if (!vacant && !(holds(ctx, current) && current?.epoch === epoch)) return undefined;
	const expiresAt = Math.floor(ctx.clock.nowMs() / 1000) + FENCE_RETENTION_SECONDS;
	const { buckets } = plan.replicas;
	return { role: FenceRole.Aborted, epoch: epoch + 1, mode: "steady", peers: [], leader: source, buckets, seq: 0, expiresAt };
}

async function ifReachable<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof UnavailableError) return undefined;
		throw error;
	}
}
