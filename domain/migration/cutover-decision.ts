import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";

/** Where a migration stands between taking back and going forward. Once it is not `undecided` it never changes. */
export type Decision = "undecided" | "committed" | "aborted";

/**
 * Whose fences hold the decision: the new leader's; where leadership stays, the first new copy's; where a plan only removes, the
 * leader's own.
 */
export function deciderOf({ plan }: Pick<MigrationRecord, "plan">): { kind: "transfer" | "join" | "leader"; region: RegionId } {
	if (plan.transfer !== undefined) return { kind: "transfer", region: plan.transfer };
	const [join] = plan.joins;
	return join === undefined ? { kind: "leader", region: plan.replicas.leaderBefore } : { kind: "join", region: join };
}

/**
 * Reads the decision of a migration that claimed epoch e from a fence of its decider. Up to e nothing is decided. At e+1 the role
 * tells; a later epoch is reached only through a commit (its rollback ends at e+2).
 */
export function decisionOf(
	migration: Pick<MigrationRecord, "plan" | "epoch" | "migrationId">,
	fence: Pick<Fence, "role" | "epoch" | "migrationId"> | undefined,
): Decision {
	if (fence === undefined || fence.epoch <= migration.epoch) return "undecided";
	if (fence.epoch > migration.epoch + 1) return "committed";
	const { kind } = deciderOf(migration);
	if (kind === "transfer") return fence.role === FenceRole.Leader || fence.role === FenceRole.Fenced ? "committed" : "aborted";
	if (kind === "join") return fence.role === FenceRole.Follower ? "committed" : "aborted";
	// A commit keeps the migration's hold on the leader, an abort lets go of it at once.
	return fence.migrationId === migration.migrationId ? "committed" : "aborted";
}
