import { z } from "zod";
import { type ForecastResponse, forecastRequestSchema } from "#domain/prediction/forecast-request.ts";
import { forecast } from "#predictor/models/forecast.ts";
import type { Model } from "#predictor/models/model.ts";

export interface Reply {
	readonly status: number;
	readonly body: unknown;
}

/** Answers one body of `POST /invocations`: the forecast, or 400 with what is wrong. */
export function answerInvocation(model: Model, body: string): Reply {
	const json = parseJson(body);
	if (json === undefined) return refused("the body is not JSON");
	const parsed = forecastRequestSchema.safeParse(json);
	if (!parsed.success) return refused(z.prettifyError(parsed.error));
	const unknown = parsed.data.windowHours.find((hours) => model.windowsHours !== undefined && !model.windowsHours.includes(hours));
	if (unknown !== undefined) return refused(`windowHours: the model forecasts ${model.windowsHours?.join(", ")}, not ${unknown}`);
	return { status: 200, body: { predictions: forecast(model, parsed.data) } satisfies ForecastResponse };
}

const refused = (error: string): Reply => ({ status: 400, body: { error } });

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
