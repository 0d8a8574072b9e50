import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buffer } from "node:stream/consumers";
import { signForLambda, type UnsignedRequest } from "#adapters/http/sign.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { DataPlaneDirectory } from "#domain/ports/data-plane-directory.ts";
import type { Forward, ForwardedAnswer, ForwardedRequest } from "#domain/ports/forward.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export interface ForwardOptions {
	/** Base URL of a region's data plane, without a trailing slash; undefined where it has none. */
	readonly urlOf: DataPlaneDirectory["urlOf"];
	readonly clock: Clock;
	/** Where the credentials are: `process.env`. */
	readonly environment: NodeJS.ProcessEnv;
}

/** Below the data plane's hard timeout of 10 s, so that the caller can still say what happened. */
const TIMEOUT_MS = 7_000;

/**
 * Sends requests to other regions' data planes over signed HTTP. Not with `fetch`: its URL parser resolves `%2E%2E`, which may be an
 * item's key.
 */
export const createForward =
	({ urlOf, clock, environment }: ForwardOptions): Forward =>
	async (region, forwarded) => {
		const base = await urlOf(region);
		if (base === undefined) throw new UnavailableError(`${region} has no data plane`, { code: "region.unknown", retryable: false });
		const unsigned = unsignedRequest(new URL(base), forwarded);
		const headers = await signForLambda(unsigned, region, environment, clock.nowMs());
		try {
			return await exchange(unsigned, headers);
		} catch (cause) {
			throw unreachable(region, cause);
		}
	};

/** The query string is written anew, so that what is sent is what was signed. */
function unsignedRequest(url: URL, { method, target, headers, body }: ForwardedRequest): UnsignedRequest {
	const [path = "/", search = ""] = split(target);
	const params = new URLSearchParams(search);
	const query = Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
	return { method, url, path, query, headers: { ...headers, "content-length": String(body.byteLength) }, body };
}

function split(target: string): [string, string] {
	const mark = target.indexOf("?");
	return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

const queryString = (query: UnsignedRequest["query"]): string =>
	Object.entries(query)
		.flatMap(([name, values]) => values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`))
		.join("&");

async function exchange({ method, url, path, query, body }: UnsignedRequest, headers: Record<string, string>): Promise<ForwardedAnswer> {
	const search = queryString(query);
	const options = {
		method,
		hostname: url.hostname,
		port: url.port === "" ? undefined : url.port,
		path: search === "" ? path : `${path}?${search}`,
		headers,
		signal: AbortSignal.timeout(TIMEOUT_MS),
	};
	const response = await new Promise<IncomingMessage>((resolve, reject) => {
		const send = url.protocol === "https:" ? requestHttps : requestHttp;
		send(options, resolve).on("error", reject).end(body);
	});
	return { status: response.statusCode ?? 502, headers: singleHeaders(response), body: await buffer(response) };
}

const singleHeaders = (response: IncomingMessage): Record<string, string> =>
	Object.fromEntries(
		Object.entries(response.headers).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
		),
	);

const unreachable = (region: RegionId, cause: unknown): UnavailableError =>
	new UnavailableError(`the data plane of ${region} did not answer`, { code: "region.unreachable", cause });
