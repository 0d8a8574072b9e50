import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontRequestEvent, CloudFrontResponse, CloudFrontResponseEvent } from "aws-lambda";
import { EDGE_DISTRIBUTION } from "#infra/description/edge.ts";
import type { VisibleBody } from "#local/edge/http-body.ts";

/** A viewer's request as the edge has received it. */
export interface ViewerRequest {
	readonly method: string;
	/** Path as sent, percent-encoded. */
	readonly uri: string;
	/** Without the question mark. */
	readonly querystring: string;
	/** Name and value pairs as they came. */
	readonly rawHeaders: readonly string[];
	readonly clientIp: string;
	/** As far as functions see it. */
	readonly body: VisibleBody;
}

/** The distribution of the local cloud. */
export const DISTRIBUTION = { domainName: "heliotrope.cloudfront.localhost", id: "ELOCALHELIOTROPE" } as const;

/** The origins a distribution is configured with, first and second of its group, which route-request replaces. */
const configuredOrigin = (attempt: 1 | 2) => ({
	custom: {
		customHeaders: attempt === 1 ? {} : secondOriginHeaders(),
		domainName: "unrouted.localhost",
		keepaliveTimeout: 5,
		path: "",
		port: 80,
		protocol: "http" as const,
		readTimeout: 30,
		sslProtocols: ["TLSv1.2"],
	},
});

function secondOriginHeaders(): CloudFrontHeaders {
	const { name, value } = EDGE_DISTRIBUTION.originGroup.secondOriginHeader;
	return { [name]: [{ key: name, value }] };
}

/** Hop-by-hop and connection headers end at the edge: functions never see them. */
const NOT_EXPOSED = new Set([
	"connection",
	"expect",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authorization",
	"proxy-connection",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
]);

/** Headers as CloudFront hands them to functions: keys lower-case, values in order, the key as it was written beside each. */
export function headerMap(rawHeaders: readonly string[], drop: (name: string) => boolean = () => false): CloudFrontHeaders {
	const headers: CloudFrontHeaders = {};
	for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
		const [key = "", value = ""] = rawHeaders.slice(index, index + 2);
		const name = key.toLowerCase();
		if (NOT_EXPOSED.has(name) || drop(name)) continue;
		headers[name] = [...(headers[name] ?? []), { key, value }];
	}
	return headers;
}

/** Methods whose body functions see. @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-include-body-access.html */
const WITH_BODY = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** The origin-request event for a viewer's request, body included; `headers` are what the origin request policy passes on, `Host` among them. */
export function originRequestEvent(
	viewer: ViewerRequest,
	headers: CloudFrontHeaders,
	requestId: string,
	attempt: 1 | 2 = 1,
): CloudFrontRequestEvent {
	const { data, truncated } = viewer.body;
	const body = { action: "read-only" as const, data: data.toString("base64"), encoding: "base64" as const, inputTruncated: truncated };
	const request: CloudFrontRequest = {
		clientIp: viewer.clientIp,
		method: viewer.method,
		uri: viewer.uri,
		querystring: viewer.querystring,
		headers,
		origin: configuredOrigin(attempt),
		...(WITH_BODY.has(viewer.method) && { body }),
	};
	return { Records: [{ cf: { config: config("origin-request", requestId), request } }] };
}

/** The origin-response event: the request as it was sent to the origin, and its answer without the body. */
export const originResponseEvent = (
	request: CloudFrontRequest,
	response: CloudFrontResponse,
	requestId: string,
): CloudFrontResponseEvent => ({
	Records: [{ cf: { config: config("origin-response", requestId), request, response } }],
});

const config = (eventType: "origin-request" | "origin-response", requestId: string) => ({
	distributionDomainName: DISTRIBUTION.domainName,
	distributionId: DISTRIBUTION.id,
	eventType,
	requestId,
});
