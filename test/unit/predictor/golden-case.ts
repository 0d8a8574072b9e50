import * as z from "zod";
import { applyExternalFactors } from "#domain/prediction/external/apply-external-factors.ts";
import type { EventDeclaration } from "#domain/prediction/external/event.ts";
import { eventFactors } from "#domain/prediction/external/factors-of.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { forecastRequestSchema, forecastResponseSchema } from "#domain/prediction/forecast-request.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { type PredictionVector, predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast, toResponse } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { GOLDEN_HOUR, GOLDEN_REGIONS, goldenHistory, requestFrom } from "#test/unit/predictor/golden-request.ts";

/** The golden case as it is kept: accesses, the request that a deployment makes of them, and what the built-in model answers. */
export const goldenCaseSchema = z.strictObject({
	/** Partition, region, segment, hour and count, in order of time. */
	history: z.array(z.tuple([z.string(), z.string(), z.string(), z.int(), z.int()])).readonly(),
	request: forecastRequestSchema,
	answer: forecastResponseSchema,
	/** The same vectors with `GOLDEN_EVENTS` in them. */
	tilted: z.array(predictionVectorSchema).readonly(),
});
export type GoldenCase = z.infer<typeof goldenCaseSchema>;

/** How many hours a deployment takes in at once. */
const RUN_HOURS = 5;
const [VIRGINIA = "", IRELAND = "", TOKYO = ""] = GOLDEN_REGIONS;

/** So many hours after the request. */
const at = (hours: number): string => new Date((GOLDEN_HOUR + hours) * HOUR_MS).toISOString();

const GOLDEN_EVENTS: readonly EventDeclaration[] = [
	{ name: "launch", start: at(3), end: at(15), lift: { [TOKYO]: 3 } },
	{
		name: "fair",
		start: at(19),
		end: at(115),
		lift: { [IRELAND]: 5 },
		segments: ["travel"],
		partitions: ["p1*"],
	},
];

/** Beside partitions that are used all the time: one that was used long ago, one just now, one once an hour, and one with a parent's parent. */
const SPECIAL: readonly (readonly [string, string, string, number, number])[] = [
	["long-ago", TOKYO, "", GOLDEN_HOUR - 59 * 24, 3],
	["just-now", IRELAND, "office", GOLDEN_HOUR - 1, 1],
	...Array.from({ length: 100 }, (_, hour) => ["steady", VIRGINIA, "", GOLDEN_HOUR - 100 + hour, 5] as const),
	["org:team.b", TOKYO, "", GOLDEN_HOUR - 50, 2],
	["org:team.c", IRELAND, "", GOLDEN_HOUR - 40, 7],
];

/** Counts as rows of the golden case say them. */
export const countsOf = (history: GoldenCase["history"]): readonly HourCount[] =>
	history.map(([partition, region, segment, hour, count]) => ({ partition, region, segment, hour, reportHour: hour, count }));

/** The request that a deployment makes which has taken the history in run by run. */
export const goldenRequestOf = (history: GoldenCase["history"]): GoldenCase["request"] => requestFrom(countsOf(history), RUN_HOURS);

/** Vectors as a deployment with the golden events has them. */
export function withEvents(vectors: readonly PredictionVector[]): readonly PredictionVector[] {
	const factorsOf = eventFactors(GOLDEN_EVENTS);
	return vectors.map((vector) => applyExternalFactors(vector, factorsOf(vector.partition)));
}

/** The golden case of this release. */
export function makeGoldenCase(): GoldenCase {
	const rows = goldenHistory(5).map(({ partition, region, segment, hour, count }) => [partition, region, segment, hour, count] as const);
	const history = [...rows, ...SPECIAL].sort((a, b) => a[3] - b[3]).map((row): GoldenCase["history"][number] => [...row]);
	const request = goldenRequestOf(history);
	const made = forecast(createModel(DEFAULT_ARTEFACT), request);
	return { history, request, answer: toResponse(made), tilted: withEvents(made.vectors) };
}
