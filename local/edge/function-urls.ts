import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { EdgeOrigin } from "#infra/description/edge.ts";
import { functionName } from "#infra/description/functions.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";
import { STAGE } from "#local/deployment.ts";
import { withoutHopByHop } from "#local/edge/edge-answer.ts";
import { functionUrlEvent } from "#local/edge/function-url-event.ts";
import { FORBIDDEN, type FunctionUrlAnswer, functionUrlAnswer, PAYLOAD_LIMIT_BYTES, TOO_LARGE } from "#local/edge/function-url-result.ts";
import { readBody } from "#local/edge/http-body.ts";
import { type LoopbackServer, listenLoopback } from "#local/edge/loopback-server.ts";
import { verifySignature } from "#local/edge/verify-signature.ts";
import { AccessControl } from "#local/gateway/access-control.ts";
import type { Caller, Callers } from "#local/gateway/callers.ts";
import { neededForUrl } from "#local/gateway/needed-actions.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { LinkCutError, type VirtualNetwork } from "#local/network/virtual-network.ts";

export interface FunctionUrlsOptions {
	readonly regions: readonly RegionId[];
	readonly lambda: LambdaHost;
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly callers: Callers;
	/** Who may call a data plane. @default every caller */
	readonly access?: AccessControl;
	/** @default none */
	readonly log?: (line: string) => void;
}

export interface FunctionUrls {
	/** `http://127.0.0.1:<port>`, what data planes forward to. @throws RangeError when the region is not deployed */
	urlOf(region: RegionId): string;
	portOf(region: RegionId): number;
	/** The same listeners under names, for the edge. */
	readonly origins: Readonly<Record<string, EdgeOrigin>>;
	stop(): Promise<void>;
}

const FUNCTION = "serve-data";

/** The function URL of the data plane in every region: one listener each, which takes what is signed as IAM wants it, and nothing else. */
export async function startFunctionUrls(options: FunctionUrlsOptions): Promise<FunctionUrls> {
	const { regions, log = () => {} } = options;
	const servers = new Map<RegionId, LoopbackServer>();
	for (const region of regions) {
		const endpoint = new Endpoint(region, options);
		const handle = (request: IncomingMessage, response: ServerResponse) => endpoint.serve(request, response);
		const onDropped = (request: IncomingMessage, error: unknown): void => {
			if (!(error instanceof LinkCutError)) log(`function URL ${region}: dropped ${request.method} ${request.url}: ${String(error)}`);
		};
		servers.set(region, await listenLoopback({ port: 0, handle, onDropped }));
	}
	const portOf = (region: RegionId): number => {
		const server = servers.get(region);
		if (server === undefined) throw new RangeError(`${region} is not deployed`);
		return server.port;
	};
	return {
		portOf,
		urlOf: (region) => `http://127.0.0.1:${portOf(region)}`,
		origins: Object.fromEntries(
			regions.map((region) => [region, { domainName: domainNameOf(region), port: portOf(region), protocol: "http" }]),
		),
		stop: async () => void (await Promise.all([...servers.values()].map((server) => server.stop()))),
	};
}

const domainNameOf = (region: RegionId): string => `data.lambda-url.${region}.localhost`;

/** The chain of work a request belongs to, and from where distance is yet to be charged. */
interface Origin {
	readonly activity: Activity;
	readonly from: RegionId | undefined;
	readonly ends: boolean;
}

class Endpoint {
	readonly #region: RegionId;
	readonly #options: FunctionUrlsOptions;

	constructor(region: RegionId, options: FunctionUrlsOptions) {
		this.#region = region;
		this.#options = options;
	}

	async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await readBody(request, PAYLOAD_LIMIT_BYTES);
		if (body === "too-large") return send(request, response, TOO_LARGE);
		const caller = this.#callerOf(request, body);
		if (caller === undefined) return send(request, response, FORBIDDEN);
		const { activity, from, ends } = this.#originOf(request, caller);
		try {
			const work = () => this.#answer(request, body, activity, caller);
			const answer = from === undefined ? await work() : await this.#options.network.relay(activity, from, this.#region, work);
			await send(request, response, answer);
		} finally {
			if (ends) activity.end();
		}
	}

	/** Who has signed the request; undefined where nobody has as IAM wants it, or who has may not call. */
	#callerOf({ method = "GET", url = "/", headers, rawHeaders }: IncomingMessage, body: Buffer): Caller | undefined {
		const { access = new AccessControl(), callers, clock, log = () => {} } = this.#options;
		const received = { method, target: url, headers, body };
		const findCaller = (accessKeyId: string) => callers.find(accessKeyId);
		const verified = verifySignature(received, { region: this.#region, service: "lambda", findCaller, nowMs: clock.nowMs() });
		const denied =
			verified.kind === "signed"
				? access.refusal(verified.caller, this.#region, neededForUrl(this.#region, functionName(STAGE, FUNCTION)))
				: undefined;
		if (verified.kind === "signed" && denied === undefined) return verified.caller;
		const reason = verified.kind === "signed" ? `${verified.caller.name} may not ${denied?.action}` : verified.reason;
		log(`function URL ${this.#region}: refused ${method} of ${rawHeaders.length / 2} headers: ${reason}`);
		return undefined;
	}

	/** The front names the chain of work and has charged for the distance; a sandbox that forwards is in a chain of its own. */
	#originOf({ headers, method, url }: IncomingMessage, caller: Caller): Origin {
		const { clock } = this.#options;
		const named = clock.find(String(headers["x-local-activity"] ?? ""));
		if (named !== undefined) return { activity: named, from: undefined, ends: false };
		if (caller.activity !== undefined) return { activity: caller.activity, from: caller.region, ends: false };
		return { activity: clock.begin(`${method} ${url} at ${this.#region}`), from: caller.region, ends: true };
	}

	async #answer(request: IncomingMessage, body: Buffer, activity: Activity, { accessKeyId }: Caller): Promise<FunctionUrlAnswer> {
		const event = functionUrlEvent({
			method: request.method ?? "GET",
			target: request.url ?? "/",
			rawHeaders: withoutLocal(request.rawHeaders),
			sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
			body,
			domainName: domainNameOf(this.#region),
			requestId: randomUUID(),
			nowMs: this.#options.clock.nowMs(),
			accessKeyId,
		});
		return functionUrlAnswer(await this.#options.lambda.invoke({ function: FUNCTION, region: this.#region, event, activity }));
	}
}

const withoutLocal = (rawHeaders: readonly string[]): readonly string[] =>
	rawHeaders.filter((_, index) => !(rawHeaders[index - (index % 2)] ?? "").toLowerCase().startsWith("x-local-"));

async function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: FunctionUrlAnswer): Promise<void> {
	const bodiless = request.method === "HEAD" || status === 204 || status === 304;
	response.writeHead(status, { ...withoutHopByHop(headers), ...(bodiless ? {} : { "content-length": body.length }) });
	response.end(bodiless ? undefined : body);
}
