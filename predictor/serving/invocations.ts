import { type ForecastResponse, forecastRequestSchema } from "#domain/prediction/forecast-request.ts";
import { InvalidStateError } from "#domain/prediction/packed-numbers.ts";
import { forecast, toResponse } from "#predictor/models/forecast.ts";
import type { Model } from "#predictor/models/model.ts";
import { answerLines, JSON_LINES } from "#predictor/serving/json-lines.ts";
import { invalid, type Refusal, unknownWindow, unreadable } from "#predictor/serving/refusal.ts";

export interface Reply {
	readonly status: number;
	/** A string is sent as it is, anything else as JSON. */
	readonly body: unknown;
	/** @default application/json */
	readonly contentType?: string;
}

/** The content types of `/invocations`. */
export const CONTENT_TYPES = ["application/json", JSON_LINES];

/** Answers one body of `POST /invocations`: the forecast, or 400 with what is wrong. @param contentType one of `CONTENT_TYPES` */
export function answerInvocation(model: Model, body: string, contentType = "application/json"): Reply {
	if (contentType === JSON_LINES) {
		const reply = answerLines(model, body);
		return reply.ok ? { status: 200, body: reply.body, contentType: JSON_LINES } : refused(reply);
	}
	const json = parseJson(body);
	if (json === undefined) return refused({ code: "request.not-json", error: "the body is not JSON" });
	const parsed = forecastRequestSchema.safeParse(json);
	if (!parsed.success) return refused(invalid(parsed.error));
	const unknown = unknownWindow(model, parsed.data.windowHours);
	if (unknown !== undefined) return refused(unknown);
	try {
		return { status: 200, body: toResponse(forecast(model, parsed.data)) satisfies ForecastResponse };
	} catch (error) {
		if (error instanceof InvalidStateError) return refused(unreadable(error));
		throw error;
	}
}

const refused = ({ code, field, error }: Refusal): Reply => ({
	status: 400,
	body: { code, ...(field === undefined ? {} : { field }), error },
});

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
