import type { CloudFrontRequest } from "aws-lambda";
import { expect, test } from "vitest";
import { refusalOf } from "#lambdas/route-request/check-request.ts";
import fc from "#test/__helpers__/fast-check.ts";

const request = (uri: string): CloudFrontRequest => ({ clientIp: "192.0.2.1", method: "GET", uri, querystring: "", headers: {} });
/** Texts of what rules are about, and of everything else. */
const tricky = fc.array(
	fc.oneof(fc.constantFrom("/", ".", "..", "%", "%2F", "%2e", "%g1", "a", "Z", "~", " ", "é", "|", "?", "\u0000"), fc.string()),
	{ maxLength: 12 },
);
const paths = tricky.map((parts) => `/${parts.join("")}`);

/** The rules as RFC 3986 states them, each by itself. */
function problemOf(uri: string): string | undefined {
	if (!/^\/[\w./~:@!$&'()*+,;=%-]*$/.test(uri)) return "percent-encoded";
	if (/%(?![0-9A-Fa-f]{2})/.test(uri)) return "two hexadecimal digits";
	return uri.split("/").some((segment) => segment === "." || segment === "..") ? "%2E or %2E%2E" : undefined;
}

test("a path is refused exactly where one of the rules refuses it, and for the first that does", () => {
	fc.assert(
		fc.property(paths, (uri) => {
			const problem = problemOf(uri);
			const refused = refusalOf(request(uri));
			expect(refused === undefined ? undefined : refused.detail).toEqual(
				problem === undefined ? undefined : expect.stringContaining(problem),
			);
		}),
		{ numRuns: 2000 },
	);
});
