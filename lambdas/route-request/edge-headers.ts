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

/**
 * A copy of the viewer's headers without those that only the edge may set (`x-heliotrope-`, but for `VIEWER_HEADERS`), that the signature
 * of the edge takes the place of (`authorization`, `x-amz-`), or that CloudFront adds after it has been signed (`x-forwarded-for`). What
 * is left out is undefined and not deleted: JSON, which is what CloudFront gets, leaves it out, and the copy stays an ordinary object.
 */
export function viewerHeaders(headers: CloudFrontHeaders): ViewerHeaders {
	const kept: Record<string, Entries | undefined> = { ...headers };
	let chars = 0;
	for (const name in kept) {
		const values = kept[name] as Entries;
		for (let index = 0; index < values.length; index += 1) chars += name.length + (values[index] as Entries[number]).value.length + 4;
		const first = name.charCodeAt(0);
		if ((first === X && isOurs(name)) || (first === A && name === "authorization")) kept[name] = undefined;
	}
	return { headers: kept as CloudFrontHeaders, chars };
}

export interface ViewerHeaders {
	readonly headers: CloudFrontHeaders;
	/** Of all that the viewer has sent, with a separator and a line end for each. */
	readonly chars: number;
}

const [X, A] = ["x".charCodeAt(0), "a".charCodeAt(0)] as [number, number];

function isOurs(name: string): boolean {
	if (name.startsWith("x-heliotrope-")) return !VIEWER_HEADERS.has(name);
	return name === "x-forwarded-for" || (name.startsWith("x-amz-") && !name.startsWith("x-amz-cf-"));
}
