import type { MigrationStarter } from "#domain/ports/migration-starter.ts";
import { type StartResult, startInputSchema } from "#lambdas/predict-placement/payloads.ts";

/** Starts every move as a migration, one after the other; those that were started before count as such. */
export async function startMigrations({ starter }: { readonly starter: MigrationStarter }, input: unknown): Promise<StartResult> {
	const { moves } = startInputSchema.parse(input);
	let started = 0;
	for (const { migrationId, partition, epoch, actions, decisionId } of moves) {
		const outcome = await starter.start({ migrationId, partition, epoch, actions, requestedBy: "placement", decisionId });
		if (outcome === "started") started += 1;
	}
	return { started, alreadyStarted: moves.length - started };
}
