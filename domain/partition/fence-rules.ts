import { type Fence, type FenceExpectation, FenceRole } from "#domain/partition/fence.ts";
import type { CarryGuard } from "#domain/ports/regional-store.ts";

/** Whether a fence's time is over (`moved`, `aborted`): from then on it counts as absent, whether or not the store has removed it. */
export const fenceExpired = (fence: Pick<Fence, "expiresAt">, nowMs: number): boolean =>
	fence.expiresAt !== undefined && fence.expiresAt * 1000 <= nowMs;

/** Whether `fence` (undefined: none, or expired) is what a change expects. */
export function meetsExpectation(fence: Fence | undefined, expect: FenceExpectation): boolean {
	if (expect === "absent") return fence === undefined;
	if (fence === undefined) return false;
	const { role, epoch, mode, migrationId } = expect;
	return (
		(role === undefined || (typeof role === "string" ? role === fence.role : role.includes(fence.role))) &&
		(epoch === undefined || epoch === fence.epoch) &&
		(mode === undefined || mode === fence.mode) &&
		(migrationId === undefined || (migrationId === null ? fence.migrationId === undefined : migrationId === fence.migrationId))
	);
}

/** The roles on which a carried item may land. Never a leader. */
export const CARRY_ROLES: readonly FenceRole[] = [FenceRole.Joining, FenceRole.Follower];

/** Whether a copy's fence lets a carried item in. */
export const admitsCarry = (fence: Fence | undefined, guard: CarryGuard): boolean =>
	meetsExpectation(fence, { role: CARRY_ROLES, ...guard });
