import * as z from "zod";
import type { InvalidStateError } from "#domain/prediction/packed-numbers.ts";
import type { Model } from "#predictor/models/model.ts";

/** Why a request is refused. */
export interface Refusal {
	/** `request.not-json`, `request.invalid`, `request.unknown-window` or `prediction.invalid-state`. */
	readonly code: string;
	/** The first field of the request that is wrong, where it is one. */
	readonly field?: string;
	/** For people, one line. */
	readonly error: string;
}

/** A request that has another shape. */
export function invalid(error: z.ZodError, place = ""): Refusal {
	const [field] = error.issues[0]?.path ?? [];
	const text = `${place}${z.prettifyError(error).replaceAll(/\s+/g, " ")}`;
	return { code: "request.invalid", ...(field === undefined ? {} : { field: String(field) }), error: text };
}

/** A state whose numbers are none. */
export const unreadable = ({ code, message }: InvalidStateError): Refusal => ({ code, error: message });

/** Why a model cannot forecast these windows; undefined when it can. */
export function unknownWindow({ windowsHours }: Model, asked: readonly number[]): Refusal | undefined {
	const unknown = asked.find((hours) => windowsHours !== undefined && !windowsHours.includes(hours));
	if (unknown === undefined) return undefined;
	return {
		code: "request.unknown-window",
		field: "windowHours",
		error: `windowHours: the model forecasts ${windowsHours?.join(", ")}, not ${unknown}`,
	};
}
