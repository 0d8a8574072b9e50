import { randomBytes } from "node:crypto";
import type {
	CloudFrontRequest,
	CloudFrontRequestResult,
	CloudFrontResponse,
	CloudFrontResponseResult,
	CloudFrontResultResponse,
} from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import { EDGE_DISTRIBUTION, type EdgeOrigin, ERROR_RESPONSE } from "#infra/description/edge.ts";
import type { Activity } from "#local/clock/local-clock.ts";
import { headerMap, originRequestEvent, originResponseEvent, type ViewerRequest } from "#local/edge/cloudfront-event.ts";
import {
	generatedResponseViolation,
	requestViolation,
	returnedRequestViolation,
	returnedResponseViolation,
} from "#local/edge/cloudfront-limits.ts";
import { type EdgeAnswer, errorPage, ResultType, withoutHopByHop } from "#local/edge/edge-answer.ts";
import { flatten, OriginClient } from "#local/edge/origin-client.ts";
import type { Viewer } from "#local/edge/viewer.ts";
import { ViewerFunction } from "#local/edge/viewer-function.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { LinkCutError, type VirtualNetwork } from "#local/network/virtual-network.ts";

export interface DistributionOptions {
	readonly network: VirtualNetwork;
	readonly lambda: LambdaHost;
	/** Where each region's data plane listens, as route-request names it. */
	readonly origins: Readonly<Record<string, EdgeOrigin>>;
	readonly log: (line: string) => void;
}

interface Exchange {
	readonly request: ViewerRequest;
	readonly viewer: Viewer;
	readonly requestId: string;
	readonly activity: Activity;
}

/** A group fails over for no other method, whoever made it. */
const FAILING_OVER: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Headers between the viewer and this machine only; CloudFront's own stand in for them. */
const LOCAL_HEADER = /^x-(local|viewer)-/;

/** CloudFront as far as requests see it: viewer-request function, origin-request function, origin, origin-response function, with the limits between them. */
export class Distribution {
	readonly #options: DistributionOptions;
	readonly #client = new OriginClient();
	readonly #viewerFunction = new ViewerFunction();

	constructor(options: DistributionOptions) {
		this.#options = options;
	}

	close(): void {
		this.#client.close();
	}

	/** Like CloudFront's: opaque and unique. */
	newRequestId(): string {
		return randomBytes(40).toString("base64url");
	}

	async handle(exchange: Exchange): Promise<EdgeAnswer> {
		return withErrorResponse(await this.#answer(exchange));
	}

	async #answer(exchange: Exchange): Promise<EdgeAnswer> {
		const refused = requestViolation(exchange.request);
		if (refused !== undefined) return errorPage(refused.status, ResultType.Error, refused.detail);
		const { method, uri } = exchange.request;
		const group = this.#viewerFunction.groupFor(method, uri);
		const first = await this.#attempt(exchange, 1);
		const mayFailOver = group !== undefined && FAILING_OVER.has(method) && first.originHost !== undefined;
		return mayFailOver && group.failoverCriteria.statusCodes.includes(first.status) ? this.#attempt(exchange, 2) : first;
	}

	/** One origin of the group: the function, the origin it chose, and the function again. */
	async #attempt(exchange: Exchange, attempt: 1 | 2): Promise<EdgeAnswer> {
		const headers = { ...headerMap(exchange.request.rawHeaders, (name) => LOCAL_HEADER.test(name)), ...exchange.viewer.cloudFrontHeaders };
		const event = originRequestEvent(exchange.request, headers, exchange.requestId, attempt);
		const returned = (await this.#run("origin-request", exchange, event)) as CloudFrontRequestResult | Failed;
		if (returned instanceof Failed) return this.#failed(returned.type, returned.detail);
		if (!isRecord(returned)) return this.#failed(ResultType.LambdaValidationError, "the origin-request function returned nothing");
		if ("status" in returned) return this.#generated(returned);
		// what functions are not shown of a body is not held here: there is nothing that could be sent on
		if (exchange.request.body.truncated) return errorPage(413, ResultType.Error, "the body is larger than functions see");
		const [{ cf }] = event.Records as [(typeof event.Records)[number]];
		const violation = returnedRequestViolation(cf.request, returned);
		if (violation !== undefined) return this.#failed(ResultType.LambdaValidationError, violation);
		return this.#askOrigin(exchange, returned);
	}

	#generated(response: CloudFrontResultResponse): EdgeAnswer {
		const violation = generatedResponseViolation(response);
		if (violation !== undefined) return this.#failed(ResultType.LambdaValidationError, violation);
		const body = Buffer.from(response.body ?? "", response.bodyEncoding === "base64" ? "base64" : "utf8");
		return {
			status: Number(response.status),
			headers: flatten(response.headers ?? {}),
			body,
			resultType: ResultType.LambdaGeneratedResponse,
		};
	}

	async #askOrigin(exchange: Exchange, request: CloudFrontRequest): Promise<EdgeAnswer> {
		const originHost = request.origin?.custom?.domainName ?? "";
		return { ...(await this.#answerOfOrigin(exchange, request)), originHost };
	}

	async #answerOfOrigin(exchange: Exchange, request: CloudFrontRequest): Promise<EdgeAnswer> {
		const region = this.#regionOf(request);
		if (region === undefined)
			return this.#failed(ResultType.OriginDnsError, `no region has the origin ${request.origin?.custom?.domainName}`);
		const { viewer, activity } = exchange;
		try {
			const answer = await this.#options.network.relay(activity, viewer.edgeRegion, region, () =>
				this.#client.send(request, exchange.request.body.data, { "x-local-activity": activity.id }),
			);
			const response = {
				status: String(answer.status),
				statusDescription: answer.statusDescription,
				headers: headerMap(answer.rawHeaders),
			};
			return await this.#learn(exchange, request, response, answer.body);
		} catch (error) {
			if (error instanceof LinkCutError) return errorPage(504, ResultType.OriginConnectError, "the origin did not answer in time");
			return this.#failed(ResultType.OriginCommError, String(error));
		}
	}

	async #learn(exchange: Exchange, request: CloudFrontRequest, response: CloudFrontResponse, body: Buffer): Promise<EdgeAnswer> {
		const event = originResponseEvent(request, response, exchange.requestId);
		const returned = (await this.#run("origin-response", exchange, event)) as CloudFrontResponseResult | Failed;
		if (returned instanceof Failed) return this.#failed(returned.type, returned.detail);
		if (!isRecord(returned)) return this.#failed(ResultType.LambdaValidationError, "the origin-response function returned nothing");
		const after = { statusDescription: "", headers: {}, ...returned } as CloudFrontResponse & CloudFrontResultResponse;
		const violation = returnedResponseViolation(response, after);
		if (violation !== undefined) return this.#failed(ResultType.LambdaValidationError, violation);
		const replaced = after.body === undefined ? body : Buffer.from(after.body, after.bodyEncoding === "base64" ? "base64" : "utf8");
		return { status: Number(after.status), headers: withoutHopByHop(flatten(after.headers)), body: replaced, resultType: ResultType.Miss };
	}

	async #run(on: "origin-request" | "origin-response", { viewer, activity }: Exchange, event: unknown): Promise<unknown> {
		const { function: name } = EDGE_DISTRIBUTION.associations.find((association) => association.event === on) ?? { function: "" };
		const outcome = await this.#options.lambda.invoke({ function: name, region: viewer.edgeRegion, event, activity });
		if (outcome.ok) return outcome.payload;
		return new Failed(ResultType.LambdaExecutionError, `${name}: ${outcome.errorType}: ${outcome.errorMessage}`);
	}

	#failed(type: ResultType, detail: string): EdgeAnswer {
		this.#options.log(`edge: ${type}: ${detail}`);
		return errorPage(type === ResultType.LambdaExecutionError ? 503 : 502, type, "the request could not be satisfied");
	}

	#regionOf({ origin }: CloudFrontRequest): RegionId | undefined {
		const { domainName, port } = origin?.custom ?? {};
		const found = Object.entries(this.#options.origins).find(
			([, candidate]) => candidate.domainName === domainName && candidate.port === port,
		);
		return found?.[0] as RegionId | undefined;
	}
}

/** As a distribution with a custom error response. How it came to that stays in `resultType`. */
function withErrorResponse(answer: EdgeAnswer): EdgeAnswer {
	const { replaces, status, headers, body } = ERROR_RESPONSE;
	if (!replaces.some((replaced) => replaced === answer.status)) return answer;
	return { ...answer, status, headers: { ...headers, "x-cache": "Error from cloudfront" }, body: Buffer.from(body) };
}

/** A function that did not return. */
class Failed {
	readonly type: ResultType;
	readonly detail: string;

	constructor(type: ResultType, detail: string) {
		this.type = type;
		this.detail = detail;
	}
}

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null;
