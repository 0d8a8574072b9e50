import type { IncomingMessage, ServerResponse } from "node:http";
import type { RegionId } from "#domain/geography/region-id.ts";
import { bearsToken } from "#local/admin/admin-token.ts";
import { applyChaos, type ChaosTargets } from "#local/admin/chaos.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";

export interface AdminRoutesOptions {
	readonly clock: LocalClock;
	readonly lambda: LambdaHost;
	readonly controlRegion: RegionId;
	readonly token: string;
	readonly chaos: ChaosTargets;
}

/** A prefix of paths that the front hands to something else than the edge. */
export interface AdminRoute {
	readonly prefix: string;
	handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** `/healthz` for everybody; `/admin/` for bearers of the token: chaos is the local cloud's own, the rest is the `administer` function. */
export function adminRoutes(options: AdminRoutesOptions): readonly AdminRoute[] {
	return [
		{ prefix: "/healthz", handle: async (_request, response) => sendJson(response, 200, { status: "ok" }) },
		{ prefix: "/admin/", handle: (request, response) => administer(request, response, options) },
	];
}

async function administer(request: IncomingMessage, response: ServerResponse, options: AdminRoutesOptions): Promise<void> {
	if (!bearsToken(request.headers.authorization, options.token)) {
		return sendProblem(response, 401, "auth.missing", "send the admin token as Authorization: Bearer <token>; it is in <data>/admin-token");
	}
	const body = await readBody(request);
	if (body === undefined) return sendProblem(response, 413, "request.too-large", `the body is larger than ${MAX_BODY_BYTES} bytes`);
	const url = new URL(request.url ?? "/", "http://localhost");
	if (url.pathname === "/admin/v1/chaos") return chaos(request, response, body, options);
	return invokeAdminister(request, response, url, body, options);
}

async function chaos(request: IncomingMessage, response: ServerResponse, body: Buffer, options: AdminRoutesOptions): Promise<void> {
	if (request.method !== "POST") return sendProblem(response, 405, "method.not-allowed", "chaos takes POST");
	const outcome = applyChaos(parseJson(body), options.chaos);
	if (!outcome.ok) return sendProblem(response, 400, "chaos.invalid", outcome.detail);
	sendJson(response, 202, { applied: outcome.applied });
}

async function invokeAdminister(
	request: IncomingMessage,
	response: ServerResponse,
	url: URL,
	body: Buffer,
	{ clock, lambda, controlRegion }: AdminRoutesOptions,
): Promise<void> {
	const shared = clock.find(String(request.headers["x-local-activity"] ?? ""));
	const activity = shared ?? clock.begin(`admin ${request.method} ${url.pathname}`);
	try {
		const event = functionUrlEvent(request, url, body);
		const outcome = await lambda.invoke({ function: "administer", region: controlRegion, event, activity });
		if (!outcome.ok) return sendProblem(response, 502, "admin.failed", `${outcome.errorType}: ${outcome.errorMessage}`);
		const answer = outcome.payload as { statusCode?: number; headers?: Record<string, string>; body?: string; isBase64Encoded?: boolean };
		response.writeHead(answer.statusCode ?? 200, answer.headers ?? {});
		response.end(Buffer.from(answer.body ?? "", answer.isBase64Encoded === true ? "base64" : "utf8"));
	} finally {
		if (shared === undefined) activity.end();
	}
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html payload format 2.0 */
function functionUrlEvent(request: IncomingMessage, url: URL, body: Buffer): unknown {
	const { authorization: _token, ...headers } = request.headers;
	return {
		version: "2.0",
		rawPath: url.pathname,
		rawQueryString: url.search.slice(1),
		headers,
		queryStringParameters: Object.fromEntries(url.searchParams),
		requestContext: {
			http: {
				method: request.method,
				path: url.pathname,
				protocol: "HTTP/1.1",
				sourceIp: "127.0.0.1",
				userAgent: headers["user-agent"] ?? "",
			},
		},
		...(body.length === 0 ? {} : { body: body.toString("utf8") }),
		isBase64Encoded: false,
	};
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request) {
		size += (chunk as Buffer).length;
		if (size > MAX_BODY_BYTES) return undefined;
		chunks.push(chunk as Buffer);
	}
	return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString("utf8"));
	} catch {
		return undefined;
	}
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
	response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
	response
		.writeHead(status, { "content-type": "application/problem+json" })
		.end(JSON.stringify({ type: "about:blank", title: code, status, code, detail }));
}
