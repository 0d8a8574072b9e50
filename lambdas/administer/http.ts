import * as z from "zod";
import { OperatingError } from "#domain/shared/errors.ts";

/** A request as the routes see it: decoded once, at the border. */
export interface AdminRequest {
	readonly method: string;
	/** As it came, with its percent-encoding. */
	readonly path: string;
	readonly query: URLSearchParams;
	/** Text of the body; empty where there is none. */
	readonly body: string;
	/** The field `Last-Event-ID`, which a client of the stream sends when it asks again. */
	readonly lastEventId?: string | undefined;
}

export interface AdminResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	/** A string is sent as it is, anything else as JSON. */
	readonly body: unknown;
}

export const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): AdminResponse => ({
	status,
	headers: { "content-type": "application/json", ...headers },
	body,
});

/** A request that is refused: `code` is stable, the message tells the operator what would be right. */
export class AdminProblem extends OperatingError {
	override name = "AdminProblem";
	readonly status: number;

	constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
		super(message, { code, retryable: status === 503, details });
		this.status = status;
	}
}

const TITLES: Readonly<Record<number, string>> = {
	400: "Bad Request",
	404: "Not Found",
	405: "Method Not Allowed",
	409: "Conflict",
	410: "Gone",
	422: "Unprocessable Content",
	500: "Internal Server Error",
	503: "Service Unavailable",
};

/** An RFC 9457 answer; 503 bears `Retry-After`. */
export const problem = (status: number, code: string, detail: string, more: Readonly<Record<string, unknown>> = {}): AdminResponse => ({
	status,
	headers: { "content-type": "application/problem+json", ...(status === 503 ? { "retry-after": "1" } : {}) },
	body: { ...more, type: "about:blank", title: TITLES[status] ?? "Error", status, detail, code },
});

/** The body as `schema` describes it. @throws AdminProblem 400 naming the fields that are wrong */
export function parseBody<T>(request: AdminRequest, schema: z.ZodType<T>): T {
	return parse(schema, parseJson(request.body), "request.invalid-body");
}

/** The query as `schema` describes it. @throws AdminProblem 400 naming the parameters that are wrong */
export function parseQuery<T>(request: AdminRequest, schema: z.ZodType<T>): T {
	return parse(schema, Object.fromEntries(request.query), "request.invalid-query");
}

function parse<T>(schema: z.ZodType<T>, value: unknown, code: string): T {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	throw new AdminProblem(400, code, z.prettifyError(result.error).replaceAll("\n", " "));
}

function parseJson(text: string): unknown {
	if (text === "") return {};
	try {
		return JSON.parse(text);
	} catch {
		throw new AdminProblem(400, "request.invalid-json", "the body is not JSON");
	}
}
