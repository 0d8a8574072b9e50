import type { RegionId } from "#domain/geography/region-id.ts";

/** A request to another region's data plane. */
export interface ForwardedRequest {
	readonly method: string;
	/** Percent-encoded path, with query string where there is one. */
	readonly target: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** The answer of another region, headers in lower case. */
export interface ForwardedAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** Sends a request to a region's data plane. @throws UnavailableError when it cannot be reached; the outcome of a write is then unknown. */
export type Forward = (region: RegionId, request: ForwardedRequest) => Promise<ForwardedAnswer>;
