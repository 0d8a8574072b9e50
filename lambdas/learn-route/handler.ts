import type { CloudFrontResponseEvent, CloudFrontResponseResult } from "aws-lambda";
import { publicResponse } from "#lambdas/learn-route/public-response.ts";

/**
 * Lambda@Edge, origin-response, as a function of its own: keeps internal headers inside, and answers for what stands before a data plane.
 * It teaches nobody: only where `route-request` has both origin events do answers reach the routes it keeps.
 */
export async function handler(event: CloudFrontResponseEvent): Promise<CloudFrontResponseResult> {
	const cf = event.Records[0]?.cf;
	if (cf === undefined) return { status: "503", headers: { "retry-after": [{ key: "retry-after", value: "1" }] } };
	return publicResponse(cf.response, cf.config.requestId);
}
