import * as z from "zod";
import { forecastRequestSchema, partitionInputSchema } from "#domain/prediction/forecast-request.ts";
import { InvalidStateError } from "#domain/prediction/packed-numbers.ts";
import { forecast } from "#predictor/models/forecast.ts";
import type { Model } from "#predictor/models/model.ts";
import { invalid, type Refusal, unknownWindow, unreadable } from "#predictor/serving/refusal.ts";

/** The content type of requests and answers with a partition a line, as batch transform cuts them. */
export const JSON_LINES = "application/jsonlines";

/** What a body in lines came to. */
export type LinesReply = { readonly ok: true; readonly body: string } | ({ readonly ok: false } & Refusal);

const linesHead = z.looseObject({ partitions: z.undefined().optional() });

/**
 * Answers a body whose first line is a request without `partitions` and whose other lines are one partition's state each: one
 * vector a line and window, in order. A line that is wrong is named by its number.
 */
export function answerLines(model: Model, body: string): LinesReply {
	const lines = body.split("\n").filter((line) => line.trim() !== "");
	const head = linesHead.safeParse(parse(lines[0] ?? ""));
	if (!head.success)
		return { ok: false, code: "request.invalid", error: "line 1: is no request without partitions, which begins a body in lines" };
	const partitions: unknown[] = [];
	for (const [index, line] of lines.slice(1).entries()) {
		const input = partitionInputSchema.safeParse(parse(line));
		if (!input.success) return { ok: false, ...invalid(input.error, `line ${index + 2}: `) };
		partitions.push(input.data);
	}
	const request = forecastRequestSchema.safeParse({ ...head.data, partitions });
	if (!request.success) return { ok: false, ...invalid(request.error) };
	const unknown = unknownWindow(model, request.data.windowHours);
	if (unknown !== undefined) return { ok: false, ...unknown };
	try {
		const lines = forecast(model, request.data).vectors.map((vector) => `${JSON.stringify(vector)}\n`);
		return { ok: true, body: lines.join("") };
	} catch (error) {
		if (error instanceof InvalidStateError) return { ok: false, ...unreadable(error) };
		throw error;
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
