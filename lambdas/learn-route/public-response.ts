import type { CloudFrontHeaders, CloudFrontResponse, CloudFrontResponseResult } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";

/** `x-heliotrope-*` headers that the data API documents. Others are between our own parts and do not leave. */
const PUBLIC_HEADERS = new Set([
	"x-heliotrope-region",
	"x-heliotrope-epoch",
	"x-heliotrope-replicas",
	"x-heliotrope-request-id",
	"x-heliotrope-staleness-ms",
	"x-heliotrope-session",
]);

/** Answers of what stands before a data plane, which has no request id of ours: refused by IAM, throttled, crashed. */
const ENTRANCE_STATUSES = new Set(["403", "429", "502", "503", "504"]);

/** Whether an answer comes from the entrance of a region (IAM, the Lambda service) and not from what runs behind it. */
export const isOfEntrance = ({ status, headers }: CloudFrontResponse): boolean =>
	headers["x-heliotrope-request-id"] === undefined && ENTRANCE_STATUSES.has(status);

/**
 * What of an answer viewers get: no internal headers, `Retry-After` on every 503, and a problem of the data API in place of what the
 * entrance of a region says in its own words.
 *
 * @param region whose entrance it is, where that is known
 */
export function publicResponse(response: CloudFrontResponse, requestId: string, region?: RegionId): CloudFrontResponseResult {
	if (isOfEntrance(response)) return unavailable(response, requestId, region);
	const headers = publicHeaders(response.headers);
	if (response.status === "503" && headers["retry-after"] === undefined) headers["retry-after"] = [{ key: "retry-after", value: "1" }];
	return { ...response, headers };
}

const publicHeaders = (headers: CloudFrontHeaders): CloudFrontHeaders =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("x-heliotrope-") || PUBLIC_HEADERS.has(name)));

function unavailable({ status, headers }: CloudFrontResponse, requestId: string, region?: RegionId): CloudFrontResponseResult {
	const code = status === "429" ? "region.busy" : status === "403" ? "region.refused" : "region.unreachable";
	const title = "Service Unavailable";
	const detail = `The entrance of the region answered ${status}.`;
	const own = {
		"content-type": "application/problem+json",
		...(region !== undefined && { "x-heliotrope-region": region }),
		"x-heliotrope-epoch": "0",
		"x-heliotrope-request-id": requestId,
	};
	const kept = Object.fromEntries(
		["transfer-encoding", "via", "retry-after"].flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
	);
	return {
		status: "503",
		statusDescription: title,
		headers: {
			"retry-after": [{ key: "retry-after", value: "1" }],
			...kept,
			...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, [{ key, value }]])),
		},
		body: JSON.stringify({ type: `urn:heliotrope:problem:${code}`, title, status: 503, detail, code, requestId }),
		bodyEncoding: "text",
	};
}
