import assert from "node:assert";
import type { CloudFrontHeaders, CloudFrontResponseEvent, CloudFrontResponseResult } from "aws-lambda";

/** `x-heliotrope-*` headers that the data API documents. Others are between our own parts and do not leave. */
const PUBLIC_HEADERS = new Set([
	"x-heliotrope-region",
	"x-heliotrope-epoch",
	"x-heliotrope-replicas",
	"x-heliotrope-request-id",
	"x-heliotrope-staleness-ms",
	"x-heliotrope-session",
]);

/**
 * Lambda@Edge, origin-response: keeps internal headers inside, and sees that every 503 bears `Retry-After`.
 *
 * It does not correct the routes that route-request caches: on AWS the two are different functions and share no memory. A stale
 * route is corrected by the region it leads to, which forwards, and ends with its time to live.
 */
export async function handler(event: CloudFrontResponseEvent): Promise<CloudFrontResponseResult> {
	const [record] = event.Records;
	assert(record !== undefined, "CloudFront sends one record");
	const { response } = record.cf;
	const headers = publicHeaders(response.headers);
	if (response.status === "503" && headers["retry-after"] === undefined) headers["retry-after"] = [{ key: "retry-after", value: "1" }];
	return { ...response, headers };
}

const publicHeaders = (headers: CloudFrontHeaders): CloudFrontHeaders =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("x-heliotrope-") || PUBLIC_HEADERS.has(name)));
