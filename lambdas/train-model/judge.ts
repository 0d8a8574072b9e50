import type { ModelRegistry } from "#domain/ports/model-registry.ts";
import type { ObjectStore } from "#domain/ports/object-store.ts";
import { type Evaluation, evaluationSchema } from "#domain/prediction/training/evaluation.ts";
import { judgeCandidate, VerdictReason } from "#domain/prediction/training/judge-candidate.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { type Judged, trainedSchema } from "#lambdas/train-model/payloads.ts";
import { readArchive } from "#lambdas/train-model/read-archive.ts";
import { BUILT_IN, whatIsWrong } from "#predictor/models/artefact.ts";

export interface JudgeDeps {
	readonly registry: Pick<ModelRegistry, "readInUse" | "record">;
	readonly objects: Pick<ObjectStore, "get" | "url">;
}

/** Reads what the job wrote and judges it; a candidate that does not win is recorded with the reason, and ends here. */
export async function judge({ registry, objects }: JudgeDeps, input: unknown): Promise<Judged> {
	const { scheduledTime, name, artefactUrl = "" } = trainedSchema.parse(input);
	const evaluation = await readEvaluation(objects, artefactUrl);
	const { promote, reason, why } = judgeCandidate(evaluation);
	if (promote) return { scheduledTime, name, promote, why, artefactUrl, evaluation };
	const inUse = (await registry.readInUse())?.name ?? BUILT_IN.name;
	await registry.record({ name, decidedAt: scheduledTime, outcome: "kept", reason, why, inUse, evaluation });
	return { scheduledTime, name, promote, why };
}

async function readEvaluation(objects: JudgeDeps["objects"], artefactUrl: string): Promise<Evaluation> {
	const archive = artefactUrl.startsWith(objects.url) ? await objects.get(artefactUrl.slice(objects.url.length)) : undefined;
	if (archive === undefined) throw broken(`there is no archive at ${artefactUrl}`);
	const files = await readArchive(archive).catch((cause: unknown) => {
		throw broken(`the archive cannot be read: ${String(cause)}`);
	});
	const wrong = whatIsWrong(parse(files.get("model.json")));
	if (wrong !== undefined) throw broken(`the artefact cannot be served: ${wrong}`);
	const evaluation = evaluationSchema.safeParse(parse(files.get("evaluation.json")));
	if (!evaluation.success) throw broken("the archive has no evaluation");
	return evaluation.data;
}

/** A candidate without a proper archive is a training that failed. */
const broken = (why: string): OperatingError => new OperatingError(why, { code: VerdictReason.TrainingFailed, retryable: false });

function parse(text: string | undefined): unknown {
	try {
		return JSON.parse(text ?? "");
	} catch {
		return undefined;
	}
}
