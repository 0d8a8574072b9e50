import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { ModelRegistry } from "#domain/ports/model-registry.ts";
import type { TrainingSettings } from "#domain/prediction/training/settings.ts";
import { type Listed, runInputSchema } from "#lambdas/train-model/payloads.ts";
import { dayOf, HOURS_PER_DAY } from "#lambdas/train-model/training-set.ts";

export interface ListDaysDeps {
	readonly counts: Pick<AccessCounts, "reportedShards">;
	readonly registry: Pick<ModelRegistry, "readProgress">;
	readonly stage: string;
	readonly settings: TrainingSettings;
}

/** Names the run and lists the closed days with accesses that are not in the training set yet. */
export async function listDays({ counts, registry, stage, settings }: ListDaysDeps, input: unknown): Promise<Listed> {
	const { scheduledTime } = runInputSchema.parse(input);
	const throughDay = dayOf(Date.parse(scheduledTime)) - 1;
	const exportedThrough = (await registry.readProgress())?.exportedThroughDay ?? throughDay - settings.maxDays;
	const from = (exportedThrough + 1) * HOURS_PER_DAY;
	const reported = exportedThrough >= throughDay ? [] : await counts.reportedShards(from, (throughDay + 1) * HOURS_PER_DAY - 1);
	const days = [...new Set(reported.map(({ hour }) => Math.floor(hour / HOURS_PER_DAY)))].sort((a, b) => a - b);
	return { scheduledTime, name: jobName(stage, scheduledTime), throughDay, days: days.map((day) => ({ day })) };
}

/** `heliotrope-prod-train-20240304-0320`: one job a run, whatever is repeated. */
const jobName = (stage: string, scheduledTime: string): string =>
	`heliotrope-${stage}-train-${new Date(scheduledTime).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 13)}`;
