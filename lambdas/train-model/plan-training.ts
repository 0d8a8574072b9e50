import type { RegionId } from "#domain/geography/region-id.ts";
import type { RttMatrix } from "#domain/geography/round-trip-time.ts";
import type { ModelRegistry } from "#domain/ports/model-registry.ts";
import type { ObjectStore } from "#domain/ports/object-store.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { VerdictReason } from "#domain/prediction/training/judge-candidate.ts";
import { heldOutDaysOf, type TrainingSettings } from "#domain/prediction/training/settings.ts";
import type { TrainingProgress } from "#domain/prediction/training/verdict.ts";
import { planInputSchema, type TrainingPlan } from "#lambdas/train-model/payloads.ts";
import { readArchive } from "#lambdas/train-model/read-archive.ts";
import { contextPrefix } from "#lambdas/train-model/training-set.ts";
import { BUILT_IN, type ModelArtefact, modelArtefactSchema, whatIsWrong } from "#predictor/models/artefact.ts";

export interface PlanTrainingDeps {
	readonly registry: ModelRegistry;
	readonly objects: ObjectStore;
	readonly regions: readonly RegionId[];
	readonly rttMatrix: RttMatrix | undefined;
	readonly settings: TrainingSettings;
}

/** Writes down what the training set holds now, and whether that is worth a candidate; if so, what it is to be judged against. */
export async function planTraining(deps: PlanTrainingDeps, input: unknown): Promise<TrainingPlan> {
	const { scheduledTime, name, throughDay, exported } = planInputSchema.parse(input);
	const before = await deps.registry.readProgress();
	const progress = progressAfter(before, throughDay, exported);
	const lack = lackOf(progress, throughDay, deps.settings);
	if (lack !== undefined) {
		await deps.registry.writeProgress(progress);
		const inUse = (await deps.registry.readInUse())?.name ?? BUILT_IN.name;
		const reason = VerdictReason.TooFewAccesses;
		await deps.registry.record({ name, decidedAt: scheduledTime, outcome: "not-trained", reason, why: lack, inUse });
		return { scheduledTime, name, outcome: "not-trained", why: lack };
	}
	const context = {
		name,
		regions: deps.regions,
		windowsHours: WINDOWS_HOURS,
		heldOutDays: heldOutDaysOf(daysOf(progress, throughDay), deps.settings),
		current: await currentModel(deps),
		...(deps.rttMatrix === undefined ? {} : { rttMatrix: deps.rttMatrix }),
	};
	await deps.objects.put(`${contextPrefix(name)}context.json`, Buffer.from(JSON.stringify(context)), "application/json");
	await deps.registry.writeProgress({ ...progress, trainedAccesses: progress.accesses });
	return { scheduledTime, name, outcome: "train", why: `${progress.accesses} accesses since day ${progress.firstDay}` };
}

/** Days that are counted already are not counted again, so that a repetition changes nothing. */
function progressAfter(
	before: TrainingProgress | undefined,
	throughDay: number,
	exported: readonly { readonly day: number; readonly accesses: number }[],
): TrainingProgress {
	const fresh = exported.filter(({ day }) => day > (before?.exportedThroughDay ?? Number.NEGATIVE_INFINITY));
	const firstDay = before?.firstDay ?? (fresh.length === 0 ? undefined : Math.min(...fresh.map(({ day }) => day)));
	return {
		...(firstDay === undefined ? {} : { firstDay }),
		exportedThroughDay: Math.max(throughDay, before?.exportedThroughDay ?? throughDay),
		accesses: (before?.accesses ?? 0) + fresh.reduce((sum, { accesses }) => sum + accesses, 0),
		trainedAccesses: before?.trainedAccesses ?? 0,
	};
}

/** Why a candidate is not worth training; undefined when it is. */
function lackOf(progress: TrainingProgress, throughDay: number, settings: TrainingSettings): string | undefined {
	const { accesses, trainedAccesses } = progress;
	const days = daysOf(progress, throughDay);
	if (days < settings.minDays) return `there are ${days} days of accesses, ${settings.minDays} are needed`;
	const fresh = accesses - trainedAccesses;
	if (fresh < settings.minNewAccesses) return `${fresh} accesses since the last candidate, ${settings.minNewAccesses} are needed`;
	return undefined;
}

const daysOf = ({ firstDay }: TrainingProgress, throughDay: number): number => (firstDay === undefined ? 0 : throughDay - firstDay + 1);

async function currentModel({ registry, objects }: PlanTrainingDeps): Promise<ModelArtefact> {
	const inUse = await registry.readInUse();
	const archive = inUse?.artefactKey === undefined ? undefined : await objects.get(inUse.artefactKey);
	if (archive === undefined) return BUILT_IN;
	const artefact: unknown = JSON.parse((await readArchive(archive)).get("model.json") ?? "null");
	// an artefact of an earlier release cannot be served by this one, which serves its own instead
	return whatIsWrong(artefact) === undefined ? modelArtefactSchema.parse(artefact) : BUILT_IN;
}
