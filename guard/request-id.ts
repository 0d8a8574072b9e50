import type { LambdaFunctionURLEvent } from "aws-lambda";
import { EdgeHeader } from "#domain/routing/edge-headers.ts";

/** Where a request's id travels, in requests and answers. */
export const REQUEST_ID_HEADER = EdgeHeader.RequestId;

/** As the data plane takes it: another would spoil logs and headers. */
const REQUEST_ID = /^[\w.:=+/-]{8,128}$/;

/**
 * The id that the edge has given a request, or the application in the region that has sent it on. Undefined where there is none that is fit.
 * Under the edge's id the request is in the edge's logs, and is the same access as the one that the edge records.
 */
export function requestIdOf({ headers }: LambdaFunctionURLEvent): string | undefined {
	const given = headers[REQUEST_ID_HEADER];
	return given !== undefined && REQUEST_ID.test(given) ? given : undefined;
}
