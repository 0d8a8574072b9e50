import { type Decision, deciderOf, decisionOf } from "#domain/migration/cutover-decision.ts";
import { CarryRefusedError, MigrationAbortedError } from "#domain/migration/errors.ts";
import { readRegionFence } from "#domain/migration/region-fences.ts";
import { DONE, type StageContext, type StageResult } from "#domain/migration/stage-context.ts";
import { OperatingError } from "#domain/shared/errors.ts";

/** The decision as the migration record remembers it, else as the decider's fence says. */
export async function readDecision(ctx: StageContext): Promise<Decision> {
	if (ctx.migration.decision !== undefined) return ctx.migration.decision;
	return decisionOf(ctx.migration, await readRegionFence(ctx, deciderOf(ctx.migration).region));
}

/**
 * Runs a stage that comes before the decision. The decision is looked for only where the stage cannot do its work: whatever a stage
 * writes is refused by fences that have moved on, so a look beforehand would save nothing but effort. Found taken, by whomever:
 * committed leaves nothing to do here, aborted ends in Cancel.
 *
 * @throws MigrationAbortedError when aborted, when an operator asked to cancel, or when a copy refuses what is carried to it
 */
export async function whileUndecided(ctx: StageContext, work: () => Promise<StageResult>): Promise<StageResult> {
	if (ctx.migration.decision !== undefined) return afterDecision(ctx.migration.decision);
	try {
		if (ctx.migration.requested === "cancel") throw new MigrationAbortedError("an operator asked to cancel", "migration.cancel-requested");
		return await work();
	} catch (error) {
		if (!(error instanceof OperatingError) || (error.retryable && !(error instanceof CarryRefusedError))) throw error;
		const now = await readDecision(ctx);
		if (now !== "undecided") return afterDecision(now);
		throw error instanceof CarryRefusedError ? new MigrationAbortedError(error.message, error.code) : error;
	}
}

function afterDecision(decision: Exclude<Decision, "undecided">): StageResult {
	if (decision === "aborted") throw new MigrationAbortedError("the migration has been cancelled");
	return DONE;
}
