import type { CloudFrontResultResponse } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";

export interface Problem {
	readonly status: 400 | 404 | 413 | 414 | 431 | 503;
	/** Stable and dotted. */
	readonly code: string;
	readonly detail: string;
}

const TITLES = {
	400: "Bad Request",
	404: "Not Found",
	413: "Content Too Large",
	414: "URI Too Long",
	431: "Request Header Fields Too Large",
	503: "Service Unavailable",
} as const;

/**
 * An RFC 9457 answer generated at the edge; 503 bears `Retry-After`.
 *
 * @param region the deployed region that the edge is near: nobody's fence was asked
 */
export function problemResponse({ status, code, detail }: Problem, requestId: string, region: RegionId): CloudFrontResultResponse {
	const title = TITLES[status];
	const headers = {
		"content-type": "application/problem+json",
		"cache-control": "no-store",
		"x-heliotrope-region": region,
		"x-heliotrope-epoch": "0",
		"x-heliotrope-request-id": requestId,
		...(status === 503 ? { "retry-after": "1" } : {}),
	};
	return {
		status: String(status),
		statusDescription: title,
		headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [{ key, value }]])),
		body: JSON.stringify({ type: `urn:heliotrope:problem:${code}`, title, status, detail, code, requestId }),
	};
}
