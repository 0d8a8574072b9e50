import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buffer } from "node:stream/consumers";
import type { SignRequest } from "#conformance/sign-requests.ts";

/** A request below the base URL; `path` is sent as it is written, dots and all. */
export interface ApiRequest {
	readonly method: string;
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array;
}

export interface ApiAnswer {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
	readonly text: string;
	/** The body where it is JSON, else an empty object. */
	readonly json: Readonly<Record<string, unknown>>;
}

export type ApiClient = (request: ApiRequest) => Promise<ApiAnswer>;

/** Nobody answers at the base URL. */
export class NobodyThereError extends Error {
	override name = "NobodyThereError";
}

const TIMEOUT_MS = 30_000;
/** How often a 503 is tried again after what it says: the suite tests what is answered, not how busy a machine is. */
const MAX_TRIES = 5;

/**
 * Requests to one base URL, each bearing the common headers.
 *
 * @param sign signs every request, as the last thing before it is sent. @default unsigned
 * @throws NobodyThereError
 */
export function createApiClient(
	baseUrl: URL,
	common: Readonly<Record<string, string>>,
	sign: SignRequest = async ({ headers }) => headers,
): ApiClient {
	return async (request) => {
		for (let tries = 1; ; tries++) {
			const answer = await exchange(baseUrl, request, common, sign);
			if (answer.status !== 503 || tries >= MAX_TRIES) return answer;
			await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers["retry-after"] ?? "1")));
		}
	};
}

async function exchange(base: URL, request: ApiRequest, common: Readonly<Record<string, string>>, sign: SignRequest): Promise<ApiAnswer> {
	const { method, path, headers = {}, body = "" } = request;
	const bytes = Buffer.from(body);
	const send = base.protocol === "https:" ? requestHttps : requestHttp;
	const target = base.pathname.replace(/\/$/, "") + path;
	const unsigned = { ...common, ...headers, "content-length": String(bytes.byteLength) };
	const options = {
		method,
		hostname: base.hostname.replace(/^\[|\]$/g, ""),
		port: base.port === "" ? undefined : base.port,
		path: target,
		headers: await sign({ method, host: base.host, target, headers: unsigned, body: bytes }),
		signal: AbortSignal.timeout(TIMEOUT_MS),
	};
	try {
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			send(options, resolve).on("error", reject).end(bytes);
		});
		return answerOf(response, await buffer(response));
	} catch (cause) {
		const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
		throw new NobodyThereError(`nobody answers at ${base.origin} (${reason}); give the URL of an edge, a region or an application`, {
			cause,
		});
	}
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer): ApiAnswer {
	const named = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
	const text = body.toString("utf8");
	const isJson = /json/.test(headers["content-type"] ?? "") && body.length > 0;
	return { status: statusCode, headers: Object.fromEntries(named), body, text, json: isJson ? JSON.parse(text) : {} };
}
