import cf from "cloudfront";

/**
 * CloudFront Function, viewer-request, runtime 2.0: gives requests that may be repeated two origins. The cache behaviour has one, because
 * it takes writes as well, and CloudFront refuses a group there. Functions of this kind see no environment: the group is put in when it
 * is deployed (infra/description/edge.ts).
 */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name.
function handler(event) {
	const request = event.request;
	if (["GET", "HEAD", "OPTIONS"].includes(request.method)) cf.createRequestOriginGroup(__HELIOTROPE_ORIGIN_GROUP__);
	return request;
}
