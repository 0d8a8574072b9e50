import type { CloudFrontHeaders, CloudFrontRequestEvent } from "aws-lambda";
import { originRequestEvent } from "#local/edge/cloudfront-event.ts";

export const PARTITION = "tenant-0042";
export const PATH = `/v1/partitions/${PARTITION}/items/${encodeURIComponent("orders/2026/03/17")}`;

/** What a browser sends and what CloudFront adds to it under the distribution's origin request policy. */
const HEADERS: Readonly<Record<string, string>> = {
	host: "data.example.com",
	"user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	accept: "application/json",
	"accept-encoding": "br,gzip",
	"accept-language": "de-CH,de;q=0.9,en;q=0.8",
	authorization: `Bearer ${"e".repeat(40)}.${"y".repeat(300)}.${"z".repeat(86)}`,
	cookie: "theme=dark; heliotrope-client=0f8fad5b-d9cb-469f-a165-70867728950e",
	referer: "https://app.example.com/orders",
	"x-forwarded-for": "198.51.100.7",
	via: "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
	"cloudfront-viewer-country": "CH",
	"cloudfront-viewer-latitude": "47.36667",
	"cloudfront-viewer-longitude": "8.55000",
};

/** A GET as the origin-request function gets it, parsed from JSON as the Lambda runtime does. */
export const viewerEvent = (): CloudFrontRequestEvent => JSON.parse(viewerJson()) as CloudFrontRequestEvent;

/** So many of them, each parsed by itself. */
export function viewerEvents(count: number): readonly CloudFrontRequestEvent[] {
	const json = viewerJson();
	return Array.from({ length: count }, () => JSON.parse(json) as CloudFrontRequestEvent);
}

function viewerJson(): string {
	const headers: CloudFrontHeaders = Object.fromEntries(Object.entries(HEADERS).map(([key, value]) => [key, [{ key, value }]]));
	const body = { data: Buffer.alloc(0), truncated: false };
	const viewer = { method: "GET", uri: PATH, querystring: "", rawHeaders: [], clientIp: "198.51.100.7", body };
	return JSON.stringify(originRequestEvent(viewer, headers, "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"));
}
