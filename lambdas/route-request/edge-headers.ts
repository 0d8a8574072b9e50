import type { CloudFrontHeaders } from "aws-lambda";
import { EdgeHeader, VIEWER_HEADERS } from "#domain/routing/edge-headers.ts";

type Entries = CloudFrontHeaders[string];

/** A header with one value, as CloudFront takes it. */
export const entries = (key: string, value: string): Entries => [{ key, value }];

/** What is the same for every request of an instance is made once; nobody changes it. */
export const HOPS = entries(EdgeHeader.Hops, "0");
export const CANARY = entries(EdgeHeader.Canary, "1");
const BUCKETS: readonly Entries[] = Array.from({ length: 65 }, (_, buckets) => entries(EdgeHeader.Buckets, String(buckets)));
export const bucketsEntries = (buckets: number): Entries => BUCKETS[buckets] ?? entries(EdgeHeader.Buckets, String(buckets));

/** Printable ASCII and spaces: what a header value of ours may hold. */
const PRINTABLE = /^[\x20-\x7e]*$/;
export const isPrintable = (value: string): boolean => PRINTABLE.test(value);

/**
 * A copy of the viewer's headers without those that only the edge may set (`x-heliotrope-`, but for `VIEWER_HEADERS`), that the signature
 * of the edge takes the place of (`authorization`, `x-amz-`), or that CloudFront adds after it has been signed (`x-forwarded-for`).
 */
export function viewerHeaders(headers: CloudFrontHeaders): CloudFrontHeaders {
	const kept: CloudFrontHeaders = { ...headers };
	for (const name in kept) {
		const first = name.charCodeAt(0);
		if ((first === X && isOurs(name)) || (first === A && name === "authorization")) delete kept[name];
	}
	return kept;
}

const [X, A] = ["x".charCodeAt(0), "a".charCodeAt(0)];

function isOurs(name: string): boolean {
	if (name.startsWith("x-heliotrope-")) return !VIEWER_HEADERS.has(name);
	return name === "x-forwarded-for" || (name.startsWith("x-amz-") && !name.startsWith("x-amz-cf-"));
}
