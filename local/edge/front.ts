import type { IncomingMessage, ServerResponse } from "node:http";
import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { EdgeOrigin } from "#infra/description/edge.ts";
import { type AccessRecord, headersField } from "#lambdas/shared/access-line.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";
import type { ViewerRequest } from "#local/edge/cloudfront-event.ts";
import { LIMITS } from "#local/edge/cloudfront-limits.ts";
import { Distribution } from "#local/edge/distribution.ts";
import type { EdgeAnswer } from "#local/edge/edge-answer.ts";
import { readVisible, type VisibleBody } from "#local/edge/http-body.ts";
import { listenLoopback } from "#local/edge/loopback-server.ts";
import { readViewer, type Viewer } from "#local/edge/viewer.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import type { VirtualNetwork } from "#local/network/virtual-network.ts";

/** Paths that something else than the edge answers: the admin API, the console. */
export interface FrontRoute {
	/** The first of the routes whose prefix fits handles the request. */
	readonly prefix: string;
	handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface FrontOptions {
	/** 0 picks a free one. */
	readonly port: number;
	/** @default 127.0.0.1 */
	readonly host?: string;
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly lambda: LambdaHost;
	/** The deployed regions; a viewer that does not say where it is counts as near the first. */
	readonly regions: readonly [RegionId, ...RegionId[]] | readonly RegionId[];
	/** Where the data planes listen, by region: `origins` of the function URLs. */
	readonly origins: Readonly<Record<string, EdgeOrigin>>;
	/** Gets one record for every request at the edge, before its answer is sent. */
	readonly onAccess: (record: AccessRecord) => void;
	readonly routes?: readonly FrontRoute[];
	/** @default none */
	readonly log?: (line: string) => void;
}

export interface Front {
	/** `http://127.0.0.1:<port>`. */
	readonly url: string;
	stop(): Promise<void>;
}

const EDGE_PREFIX = "/v1/";

/** The server that users reach: CloudFront for `/v1/`, other routes as given. @throws StartupError when the port is taken */
export async function startFront(options: FrontOptions): Promise<Front> {
	const { log = () => {}, routes = [], host = "127.0.0.1", port } = options;
	const distribution = new Distribution({ ...options, log });
	const edge = new Edge(options, distribution);
	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const path = request.url ?? "/";
		const route = routes.find(({ prefix }) => path.startsWith(prefix));
		if (route !== undefined) return route.handle(request, response);
		if (path.startsWith(EDGE_PREFIX)) return edge.serve(request, response);
		sendProblem(response, 404, "route.not-found", "Nothing is here; the data API is below /v1/.");
	};
	const server = await listenLoopback({
		port,
		host,
		handle,
		onDropped: (request, error) => log(`front: dropped ${request.method} ${request.url}: ${String(error)}`),
	});
	return {
		url: `http://${host}:${server.port}`,
		stop: async () => {
			await server.stop();
			distribution.close();
		},
	};
}

/** One request at the edge: its place, its chain of work, its answer and its log record. */
class Edge {
	readonly #options: FrontOptions;
	readonly #distribution: Distribution;
	readonly #locate;

	constructor(options: FrontOptions, distribution: Distribution) {
		this.#options = options;
		this.#distribution = distribution;
		this.#locate = createLocator(options.regions);
	}

	async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { clock, network, regions } = this.#options;
		const viewer = readViewer(request.headers, this.#locate, regions[0] as RegionId);
		if (typeof viewer === "string") return sendProblem(response, 400, "viewer.unknown-place", viewer);
		const given = clock.find(String(request.headers["x-local-activity"] ?? ""));
		const activity = given ?? clock.begin(`${request.method} ${request.url}`);
		try {
			const startMs = clock.nowMs();
			const chargedMs = network.chargedMs(activity);
			const requestId = this.#distribution.newRequestId();
			const answer = await this.#answer(request, viewer, requestId, activity);
			const elapsedMs = clock.nowMs() - startMs;
			this.#options.onAccess(accessRecord(request, viewer, requestId, answer, startMs, elapsedMs));
			await send(request, response, answer, {
				"x-amz-cf-id": requestId,
				"x-local-network-ms": String(network.chargedMs(activity) - chargedMs),
				"x-local-elapsed-ms": String(elapsedMs),
			});
		} finally {
			if (given === undefined) activity.end();
		}
	}

	async #answer(message: IncomingMessage, viewer: Viewer, requestId: string, activity: Activity): Promise<EdgeAnswer> {
		const body = await readVisible(message, LIMITS.exposedBodyBytes);
		return this.#distribution.handle({ request: viewerRequest(message, body), viewer, requestId, activity });
	}
}

function viewerRequest({ url = "/", method = "GET", rawHeaders, socket }: IncomingMessage, body: VisibleBody): ViewerRequest {
	const question = url.indexOf("?");
	const uri = question < 0 ? url : url.slice(0, question);
	return {
		method,
		uri,
		querystring: question < 0 ? "" : url.slice(question + 1),
		rawHeaders,
		clientIp: socket.remoteAddress ?? "127.0.0.1",
		body,
	};
}

function accessRecord(
	request: IncomingMessage,
	viewer: Viewer,
	requestId: string,
	answer: EdgeAnswer,
	startMs: number,
	elapsedMs: number,
): AccessRecord {
	const segment = request.headers["x-heliotrope-segment"];
	return {
		timestamp: (startMs / 1000).toFixed(3),
		"c-country": viewer.country,
		"sc-status": String(answer.status),
		"sc-bytes": String(answer.body.length),
		"cs-method": request.method ?? "",
		"cs-uri-stem": request.url ?? "",
		"cs-bytes": request.headers["content-length"] ?? "0",
		"x-edge-location": viewer.edgeRegion,
		"x-edge-request-id": requestId,
		"time-taken": (elapsedMs / 1000).toFixed(3),
		"x-edge-detailed-result-type": answer.resultType,
		"cs-headers": headersField({
			"x-viewer-region": viewer.edgeRegion,
			...(segment === undefined ? {} : { "x-heliotrope-segment": String(segment) }),
		}),
		"r-host": answer.originHost ?? "",
	};
}

async function send(
	request: IncomingMessage,
	response: ServerResponse,
	{ status, headers, body }: EdgeAnswer,
	more: Record<string, string>,
): Promise<void> {
	const bodiless = request.method === "HEAD" || status === 204 || status === 304;
	response.writeHead(status, { ...headers, ...more, ...(bodiless ? {} : { "content-length": body.length }) });
	// the chain of work ends with the last byte handed over, not before
	await new Promise<void>((resolve) => {
		response.once("close", resolve);
		response.end(bodiless ? undefined : body, resolve);
	});
}

function sendProblem(response: ServerResponse, status: 400 | 404, code: string, detail: string): void {
	const title = status === 400 ? "Bad Request" : "Not Found";
	response.writeHead(status, { "content-type": "application/problem+json" });
	response.end(JSON.stringify({ type: "about:blank", title, status, detail, code }));
}
