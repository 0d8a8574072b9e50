import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontRequestEvent } from "aws-lambda";
import fc from "#test/__helpers__/fast-check.ts";

const NASTY = [
	"%00",
	"%",
	"%2",
	"%zz",
	"%C0%AF",
	"%E2%82",
	"%2F",
	"%2e%2e",
	"..",
	"/",
	"//",
	"\u0000",
	"\r\n",
	" ",
	"\t",
	"ａ",
	"а",
	"é",
	"\ud800",
	"?",
	"#",
	"\\",
	";",
	"+",
	"&",
	"=",
	"acme",
	"a",
	"~",
	":",
	"x".repeat(130),
];
const nastyText = fc.oneof(
	fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join("")),
	fc.string({ unit: "binary", maxLength: 40 }),
);
const plainText = fc.constantFrom("k", "a%2Fb", "%E2%82%AC", "x/y", "", "%2e%2e", "k;v=1");
const partitionText = fc.oneof(
	{ weight: 2, arbitrary: fc.constantFrom("acme", "a", "a:b", "%61cme", "a%3Ab") },
	{ weight: 1, arbitrary: nastyText },
);
const uri = fc.oneof(
	{
		weight: 6,
		arbitrary: fc
			.tuple(partitionText, fc.constantFrom("items/", "items", "batch", ""), fc.oneof({ weight: 3, arbitrary: plainText }, nastyText))
			.map(([partition, kind, rest]) => `/v1/partitions/${partition}/${kind}${rest}`),
	},
	{ weight: 1, arbitrary: nastyText },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 9000 }).map((length) => `/v1/partitions/acme/items/${"k".repeat(length)}`) },
);
const INTERNAL = [
	"edge-region",
	"client",
	"hops",
	"buckets",
	"canary",
	"request-id",
	"partition",
	"authorization",
	"leader",
	"anything",
].map((name) => `x-heliotrope-${name}`);
const headerName = fc.constantFrom(
	...INTERNAL,
	"x-heliotrope-consistency",
	"x-heliotrope-session",
	"x-heliotrope-client-id",
	"authorization",
	"cookie",
	"host",
	"x-amz-date",
	"x-amz-security-token",
	"x-amz-content-sha256",
	"x-amz-cf-id",
	"x-forwarded-for",
	"x-forwarded-host",
	"content-length",
	"transfer-encoding",
	"if-none-match",
	"via",
	"accept-encoding",
	"x_heliotrope_hops",
	"__proto__",
	"constructor",
	"x-any",
);
const ordinaryValue = fc.constantFrom(
	"1",
	"forged",
	"session",
	"eventual",
	"Bearer a.b.c",
	"heliotrope-client=c1",
	"AWS4-HMAC-SHA256 Credential=x",
);
const headerValue = fc.oneof(
	{ weight: 8, arbitrary: ordinaryValue },
	{ weight: 3, arbitrary: nastyText },
	{ weight: 1, arbitrary: fc.integer({ min: 100, max: 40_000 }).map((length) => "y".repeat(length)) },
);
const headerValues = fc.oneof({ weight: 4, arbitrary: fc.tuple(headerValue) }, fc.tuple(headerValue, headerValue));
const headers = fc.array(fc.tuple(headerName, headerValues), { maxLength: 6 }).map((pairs) => {
	const map: CloudFrontHeaders = {};
	for (const [name, values] of pairs)
		Object.defineProperty(map, name, {
			value: values.map((value) => ({ key: name, value })),
			enumerable: true,
			configurable: true,
			writable: true,
		});
	return map;
});
/** A request that nobody means well by, as often as not one that could be sent on. */
export const hostileRequest = fc.record({
	uri,
	headers,
	querystring: fc.oneof(
		nastyText,
		fc.constant(""),
		fc.constantFrom("a=1", "prefix=%20&limit=3"),
		fc.constantFrom("X-Amz-Signature=1", "%78-amz-date=1", "prefix=%2e&limit=1"),
	),
	method: fc.constantFrom("GET", "PUT", "DELETE", "POST", "HEAD", "OPTIONS", "PATCH"),
	clientIp: fc.oneof(fc.constantFrom("192.0.2.1", "2001:db8::1", ""), nastyText),
	body: fc.option(
		fc.record({
			data: fc.oneof(fc.base64String({ maxLength: 40 }), nastyText),
			inputTruncated: fc.constantFrom(false, false, false, true),
		}),
		{
			nil: undefined,
		},
	),
	attempt: fc.constantFrom(1, 2),
});

/** The origin-request event that it would be. */
export const eventOf = ({
	body,
	attempt,
	...given
}: typeof hostileRequest extends fc.Arbitrary<infer T> ? T : never): CloudFrontRequestEvent => {
	const customHeaders: CloudFrontHeaders = attempt === 2 ? { "x-heliotrope-attempt": [{ key: "x-heliotrope-attempt", value: "2" }] } : {};
	const custom = {
		customHeaders,
		domainName: "unrouted.example",
		keepaliveTimeout: 5,
		path: "",
		port: 443,
		protocol: "https" as const,
		readTimeout: 30,
		sslProtocols: ["TLSv1.2"],
	};
	const sent = {
		...given,
		origin: { custom },
		...(body && { body: { action: "read-only" as const, encoding: "base64" as const, ...body } }),
	};
	return {
		Records: [
			{
				cf: {
					config: { distributionDomainName: "d", distributionId: "D", eventType: "origin-request", requestId: "r-12345678" },
					request: sent as CloudFrontRequest,
				},
			},
		],
	};
};
