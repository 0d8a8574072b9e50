import * as z from "zod";
import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";

/** What a function URL sends back over HTTP. */
export interface FunctionUrlAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[]>>;
	readonly body: Buffer;
}

/** Largest request and answer of a synchronous invocation. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

const resultSchema = z.object({
	statusCode: z.int().min(100).max(599),
	headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
	cookies: z.array(z.string()).optional(),
	body: z.string().optional(),
	isBase64Encoded: z.boolean().optional(),
});

const plain = (status: number, body: string): FunctionUrlAnswer => ({
	status,
	headers: { "content-type": "text/plain" },
	body: Buffer.from(body),
});

export const INTERNAL_SERVER_ERROR = plain(502, "Internal Server Error");
export const FORBIDDEN: FunctionUrlAnswer = {
	status: 403,
	headers: { "content-type": "application/json" },
	body: Buffer.from('{"Message":"Forbidden"}'),
};
export const TOO_LARGE: FunctionUrlAnswer = {
	status: 413,
	headers: { "content-type": "application/json" },
	body: Buffer.from(`{"Message":"Request must be smaller than ${PAYLOAD_LIMIT_BYTES} bytes for the InvokeFunction operation"}`),
};
const THROTTLED: FunctionUrlAnswer = {
	status: 429,
	headers: { "content-type": "application/json", "retry-after": "1" },
	body: Buffer.from('{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}'),
};

/** The HTTP answer to an invocation's outcome. A result without `statusCode` is JSON with 200; an ill-formed or failed one is 502. */
export function functionUrlAnswer(outcome: LambdaOutcome): FunctionUrlAnswer {
	if (!outcome.ok) return outcome.errorType === "TooManyRequestsException" ? THROTTLED : INTERNAL_SERVER_ERROR;
	const { payload } = outcome;
	if (typeof payload !== "object" || payload === null || !("statusCode" in payload)) {
		return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(payload)) };
	}
	const parsed = resultSchema.safeParse(payload);
	if (!parsed.success) return INTERNAL_SERVER_ERROR;
	const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded = false } = parsed.data;
	// what Lambda measures is the result, where bytes are a third longer
	if (Buffer.byteLength(body) > PAYLOAD_LIMIT_BYTES) return INTERNAL_SERVER_ERROR;
	const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
	const named = Object.entries(headers).map(([name, value]): [string, string | string[]] => [name.toLowerCase(), String(value)]);
	return {
		status: statusCode,
		headers: { "content-type": "application/json", ...Object.fromEntries(named), ...(cookies.length > 0 ? { "set-cookie": cookies } : {}) },
		body: bytes,
	};
}
