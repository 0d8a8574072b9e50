import type { ModelPlatform } from "#domain/ports/model-platform.ts";
import type { ModelRegistry } from "#domain/ports/model-registry.ts";
import { VerdictReason } from "#domain/prediction/training/judge-candidate.ts";
import { failedRunSchema, type Judged, judgedSchema, type Promoted, type Restored, runInputSchema } from "#lambdas/train-model/payloads.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";

/** Begins to serve the winner. */
export async function promote(platform: ModelPlatform, input: unknown): Promise<Judged> {
	const judged = judgedSchema.parse(input);
	await platform.promote(judged.name, judged.artefactUrl ?? "");
	return judged;
}

export interface RestoreDeps {
	readonly platform: Pick<ModelPlatform, "restore">;
	readonly registry: Pick<ModelRegistry, "readInUse">;
	/** `s3://bucket/` of the archives. */
	readonly bucketUrl: string;
}

/** Serves the model in use again where a deployment has put the one that came with the release in its place. */
export async function restoreInUse({ platform, registry, bucketUrl }: RestoreDeps, input: unknown): Promise<Restored> {
	const { scheduledTime } = runInputSchema.parse(input);
	const inUse = await registry.readInUse();
	const restored = inUse !== undefined && (await platform.restore(inUse.name, `${bucketUrl}${inUse.artefactKey}`));
	return { scheduledTime, ...(restored && { restored: inUse.name }) };
}

export interface CheckPromotionDeps {
	readonly platform: Pick<ModelPlatform, "promotionState">;
	readonly registry: ModelRegistry;
	/** `s3://bucket/`, whose keys are recorded. */
	readonly bucketUrl: (artefactUrl: string) => string;
}

/** Whether the winner serves. When it does, or the platform gave up, that is recorded. */
export async function checkPromotion({ platform, registry, bucketUrl }: CheckPromotionDeps, input: unknown): Promise<Promoted> {
	const judged = judgedSchema.parse(input);
	const { scheduledTime, name, artefactUrl = "", why, evaluation } = judged;
	const state = await platform.promotionState(name);
	if (state === "updating") return { ...judged, state };
	const record = { name, decidedAt: scheduledTime, ...(evaluation === undefined ? {} : { evaluation }) };
	if (state === "serving") {
		await registry.writeInUse({ name, since: scheduledTime, artefactKey: artefactUrl.slice(bucketUrl(artefactUrl).length) });
		await registry.record({ ...record, outcome: "promoted", reason: VerdictReason.Better, why, inUse: name });
	} else {
		const inUse = (await registry.readInUse())?.name ?? BUILT_IN.name;
		const failure = `${why}; but the endpoint could not serve it and keeps ${inUse}`;
		await registry.record({ ...record, outcome: "failed", reason: VerdictReason.PromotionFailed, why: failure, inUse });
	}
	return { ...judged, state };
}

/** Records a run that failed on its way, with what it said. */
export async function recordFailure(registry: ModelRegistry, input: unknown): Promise<{ readonly recorded: string }> {
	const { scheduledTime, name = "unnamed", why, error } = failedRunSchema.parse(input);
	const cause = why ?? causeOf(error) ?? "the run failed";
	const inUse = (await registry.readInUse())?.name ?? BUILT_IN.name;
	await registry.record({ name, decidedAt: scheduledTime, outcome: "failed", reason: VerdictReason.TrainingFailed, why: cause, inUse });
	return { recorded: cause };
}

/** Lambda puts an error's message into JSON; what a person wants is the message. */
function causeOf(error: { readonly Error?: string | undefined; readonly Cause?: string | undefined } | undefined): string | undefined {
	if (error === undefined) return undefined;
	try {
		const { errorMessage } = JSON.parse(error.Cause ?? "") as { errorMessage?: unknown };
		return typeof errorMessage === "string" ? errorMessage : error.Cause;
	} catch {
		return error.Cause ?? error.Error;
	}
}
