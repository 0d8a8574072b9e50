import type { CloudFrontHeaders } from "aws-lambda";
import { EdgeHeader, VIEWER_HEADERS } from "#domain/routing/edge-headers.ts";

type Entries = CloudFrontHeaders[string];

/** A header with one value, as CloudFront takes it. */
export const entries = (key: string, value: string): Entries => [{ key, value }];

/** What is the same for every request of an instance is made once; nobody changes it. */
const CANARY = entries(EdgeHeader.Canary, "1");
const BUCKETS: readonly Entries[] = Array.from({ length: 65 }, (_, buckets) => entries(EdgeHeader.Buckets, String(buckets)));
const bucketsEntries = (buckets: number): Entries => BUCKETS[buckets] ?? entries(EdgeHeader.Buckets, String(buckets));

/** Headers to be sent on. What is left out is undefined and not deleted: JSON, which is what CloudFront gets, leaves it out. */
export type SentHeaders = Record<string, Entries | undefined>;

/** Values of the headers that only the edge may set; undefined where the request has none, whatever a viewer has forged. */
export interface OwnValues {
	readonly edgeRegion: Entries;
	readonly requestId: string;
	readonly partition: string;
	readonly buckets: number | undefined;
	readonly canary: boolean;
	readonly host: Entries;
}

/**
 * A copy of the viewer's headers under those of the edge. `authorization` gives way to the signature of the edge, and CloudFront adds
 * `x-forwarded-for` after that. One literal with names written out, in which `EdgeHeader` stands whole: V8 makes such a copy in one step.
 */
export function sentHeaders(viewer: CloudFrontHeaders, own: OwnValues): SentHeaders {
	const authorization = viewer["authorization"]?.[0]?.value;
	const ours: Record<EdgeHeader, Entries | undefined> & SentHeaders = {
		...viewer,
		"x-heliotrope-edge-region": own.edgeRegion,
		"x-heliotrope-request-id": entries(EdgeHeader.RequestId, own.requestId),
		"x-heliotrope-partition": entries(EdgeHeader.Partition, own.partition),
		"x-heliotrope-buckets": own.buckets === undefined ? undefined : bucketsEntries(own.buckets),
		"x-heliotrope-canary": own.canary ? CANARY : undefined,
		"x-heliotrope-authorization": authorization === undefined ? undefined : entries(EdgeHeader.ViewerAuthorization, authorization),
		host: own.host,
		authorization: undefined,
		"x-forwarded-for": undefined,
	};
	return ours;
}

const [X, A, H] = ["x", "a", "h"].map((char) => char.charCodeAt(0)) as [number, number, number];
const OWN_NAMES: ReadonlySet<string> = new Set(Object.values(EdgeHeader));

/**
 * Takes out of `sent` what a viewer may not send: `x-heliotrope-`, but for `VIEWER_HEADERS` and what the edge has set, and `x-amz-`, which is
 * the signature's. One pass over the viewer's headers, which also counts them.
 *
 * @returns the characters of all that the viewer has sent, with a separator and a line end for each header
 */
export function withoutReserved(sent: SentHeaders, viewer: CloudFrontHeaders): number {
	let chars = 0;
	for (const name in viewer) {
		if (name.charCodeAt(0) === X && mayBeReserved(name.charCodeAt(2)) && isReserved(name)) sent[name] = undefined;
		const values = viewer[name] as Entries;
		chars += name.length + (values[0]?.value.length ?? 0) + 4;
		for (let index = 1; index < values.length; index += 1) chars += name.length + (values[index] as Entries[number]).value.length + 4;
	}
	return chars;
}

/** By the third character, as many names begin with `x-`. */
const mayBeReserved = (third: number): boolean => third === H || third === A;

function isReserved(name: string): boolean {
	if (name.startsWith("x-heliotrope-")) return !VIEWER_HEADERS.has(name) && !OWN_NAMES.has(name);
	return name.startsWith("x-amz-") && !name.startsWith("x-amz-cf-");
}
