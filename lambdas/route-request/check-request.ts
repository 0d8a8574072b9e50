import type { CloudFrontHeaders, CloudFrontRequest } from "aws-lambda";
import type { Problem } from "#lambdas/route-request/problem.ts";

/** What no path holds (RFC 3986) unless it is percent-encoded. */
const FOREIGN = /[^\w./~:@!$&'()*+,;=%-]/;
const BROKEN_ENCODING = /%(?![0-9A-Fa-f]{2})/;
const isBroken = (text: string): boolean => text.includes("%") && BROKEN_ENCODING.test(text);
/** Whatever stands between edge and data plane would resolve these, each in its own way. */
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/;
/** Surely none of the three, in one pass that never looks back, which is all that most paths need: no segment begins with a dot. */
const PLAIN = /^(?:\/(?!\.)[\w.~:@!$&'()*+,;=-]*(?:%[0-9A-Fa-f]{2}[\w.~:@!$&'()*+,;=-]*)*)+$/;

/** Why a request cannot be sent on as it is, whatever partition it names; undefined when it can. */
export function refusalOf({ uri, querystring, headers, body, method }: CloudFrontRequest): Problem | undefined {
	const refused = PLAIN.test(uri) ? undefined : refusalOfPath(uri);
	if (refused !== undefined) return refused;
	if (querystring.includes("%") && isUndecodable(querystring)) return isBroken(querystring) ? BROKEN : NO_UTF8;
	if ((headers["authorization"]?.length ?? 0) > 1) return invalid("Authorization is given more than once.");
	if (body === undefined) return method !== "GET" && saysLength(headers) ? HIDDEN_BODY : undefined;
	return body.inputTruncated ? TOO_LARGE : undefined;
}

const saysLength = (headers: CloudFrontHeaders): boolean => Number(headers["content-length"]?.[0]?.value ?? 0) > 0;

function isUndecodable(text: string): boolean {
	try {
		decodeURIComponent(text);
		return false;
	} catch {
		return true;
	}
}

function refusalOfPath(uri: string): Problem | undefined {
	if (FOREIGN.test(uri) || !uri.startsWith("/")) return invalid("The path holds what a path cannot hold unless it is percent-encoded.");
	if (isBroken(uri)) return BROKEN;
	return DOT_SEGMENT.test(uri) ? invalid("The path holds a segment . or .., which is written %2E or %2E%2E.") : undefined;
}

export const invalid = (detail: string): Problem => ({ status: 400, code: "request.invalid", detail });

const BROKEN = invalid("The percent-encoding is broken: a % is followed by two hexadecimal digits.");

/** A query is written anew before it is signed: what it means has to be known. */
const NO_UTF8 = invalid("The query is not UTF-8, percent-encoded.");

/** Lambda@Edge sees no more of a body than this, and what it does not see it cannot sign. */
const TOO_LARGE: Problem = { status: 413, code: "request.too-large", detail: "A request through the edge has at most 1 MiB of body." };

const HIDDEN_BODY: Problem = {
	status: 503,
	code: "edge.misconfigured",
	detail: "The edge function does not get request bodies: its association needs Include Body.",
};
