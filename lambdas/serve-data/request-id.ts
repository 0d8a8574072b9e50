import type { LambdaFunctionURLEvent } from "aws-lambda";
import { EdgeHeader } from "#domain/routing/edge-headers.ts";

/** Where a request's id travels, in requests and answers. */
export const REQUEST_ID_HEADER = EdgeHeader.RequestId;

/** An id that is not short and printable would spoil logs and headers; such a request gets one of ours. */
const REQUEST_ID = /^[\w.:=+/-]{8,128}$/;

/**
 * The id that the edge has given a request, or the application in the region that has sent it on. Undefined where there is none that is fit.
 * Under the edge's id the request is in the edge's logs, and is the same access as the one that the edge records.
 */
export function requestIdOf(event: LambdaFunctionURLEvent): string | undefined {
	// nobody sends null but who invokes a function by hand
	const given = (event as Partial<LambdaFunctionURLEvent> | null)?.headers?.[REQUEST_ID_HEADER];
	return given !== undefined && REQUEST_ID.test(given) ? given : undefined;
}
