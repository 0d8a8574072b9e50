import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createLambdaSigner, hashOfBase64 } from "#adapters/http/lambda-signer.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { rewriteQuery } from "#lambdas/route-request/viewer-query.ts";
import { canonicalRequest, type ReceivedRequest, verifySignature } from "#local/edge/verify-signature.ts";
import { Callers } from "#local/gateway/callers.ts";
import fc from "#test/__helpers__/fast-check.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const EMPTY = sha256("");
const NOW_MS = Date.UTC(2026, 2, 1, 12);
const dublin = regionId("eu-west-1");
const callers = new Callers();
const caller = callers.issue(dublin, "route-request");

describe("the verifier's canonical request", () => {
	/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and AWS's SigV4 test suite, `get-vanilla` */
	it.each([
		[
			"/",
			{ host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" },
			"bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
		],
		[
			"/?Action=ListUsers&Version=2010-05-08",
			{
				"content-type": "application/x-www-form-urlencoded; charset=utf-8",
				host: "iam.amazonaws.com",
				"x-amz-date": "20150830T123600Z",
			},
			"f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
		],
	])("of GET %s is AWS's own", (target, headers, hash) => {
		const request = { method: "GET", target, headers, body: new Uint8Array() };
		expect(sha256(canonicalRequest(request, Object.keys(headers).join(";"), EMPTY))).toBe(hash);
	});
});

/** As it arrives at a function URL in Dublin, signed by the edge. */
async function arrive(method: string, path: string, querystring: string, body: Uint8Array): Promise<ReceivedRequest> {
	const sign = createLambdaSigner(caller, () => NOW_MS);
	const query = rewriteQuery(querystring) ?? expect.fail("reserved");
	const host = "data.example";
	const bodyHash = hashOfBase64(Buffer.from(body).toString("base64"));
	const added = await sign(dublin, { method, host, path, query: query.values, bodyHash });
	// What CloudFront and a client add under way is not part of what was signed.
	const headers = { ...added, host, "x-amz-cf-id": "abc", "user-agent": "Amazon CloudFront", "x-forwarded-for": "192.0.2.1" };
	return { method, target: query.text === "" ? path : `${path}?${query.text}`, headers, body };
}

const verify = (request: ReceivedRequest, change: { region?: string; nowMs?: number; findCaller?: Callers["find"] } = {}) =>
	verifySignature(request, { region: dublin, service: "lambda", nowMs: NOW_MS, findCaller: (key) => callers.find(key), ...change });

const pathText = fc.string({
	unit: fc.constantFrom(...("abz09-._~:@!$&'()*+,;=/%2F%25%E2%82%AC".match(/%..|./g) as string[])),
	maxLength: 40,
});
const queryText = fc.oneof(
	fc.webQueryParameters(),
	fc.string({ unit: "binary", maxLength: 30 }),
	fc.constantFrom("a+b=c%20d", "b=2&a=1&a=0", "x", "=", "&&"),
);
const anyRequest = fc.record({
	method: fc.constantFrom("GET", "PUT", "DELETE", "POST"),
	path: pathText.map((text) => `/v1/partitions/acme/items/${text}`),
	query: queryText.filter((text) => rewriteQuery(text) !== undefined),
	body: fc.uint8Array({ maxLength: 64 }),
});

describe("what the edge signs", () => {
	it("is what IAM verifies, whatever path, query and body", async () => {
		await fc.assert(
			fc.asyncProperty(anyRequest, async ({ method, path, query, body }) => {
				expect(verify(await arrive(method, path, query, body))).toEqual({ kind: "signed", caller });
			}),
			{ seed: 41, numRuns: 200 },
		);
	});

	it.each<[string, (request: ReceivedRequest) => ReceivedRequest]>([
		["another method", (request) => ({ ...request, method: "DELETE" })],
		["another path", (request) => ({ ...request, target: `${request.target}x` })],
		["another query", (request) => ({ ...request, target: `${request.target}&b=1` })],
		["another body", (request) => ({ ...request, body: Buffer.from("other") })],
		[
			"another body and its hash",
			(request) => withHeader({ ...request, body: Buffer.from("other") }, "x-amz-content-sha256", sha256("other")),
		],
		["another host", (request) => withHeader(request, "host", "other.example")],
		["another session", (request) => withHeader(request, "x-amz-security-token", "other")],
		["no session", (request) => withHeader(request, "x-amz-security-token", undefined)],
		["another time", (request) => withHeader(request, "x-amz-date", "20260301T120001Z")],
		["one more x-amz header", (request) => withHeader(request, "x-amz-more", "1")],
		["no authorization", (request) => withHeader(request, "authorization", undefined)],
		["a bearer token", (request) => withHeader(request, "authorization", "Bearer abc")],
	])("is refused with %s", async (_what, change) => {
		const request = await arrive("PUT", "/v1/partitions/acme/items/k", "a=1", Buffer.from("body"));
		expect(verify(request).kind).toBe("signed");
		expect(verify(change(request)).kind).toBe("refused");
	});

	it("is refused elsewhere, later, and from nobody", async () => {
		const request = await arrive("GET", "/v1/partitions/acme/items/k", "", new Uint8Array());
		expect(verify(request, { region: "us-east-1" }).kind).toBe("refused");
		expect(verify(request, { nowMs: NOW_MS + 299_000 }).kind).toBe("signed");
		expect(verify(request, { nowMs: NOW_MS + 301_000 }).kind).toBe("refused");
		expect(verify(request, { findCaller: () => undefined }).kind).toBe("refused");
	});

	it("needs credentials", async () => {
		const sign = createLambdaSigner({ accessKeyId: "", secretAccessKey: "" }, () => NOW_MS);
		await expect(sign(dublin, { method: "GET", host: "h", path: "/", query: {}, bodyHash: EMPTY })).rejects.toThrow("no credentials");
	});
});

function withHeader(request: ReceivedRequest, name: string, value: string | undefined): ReceivedRequest {
	const { [name]: _, ...others } = request.headers;
	return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
}
