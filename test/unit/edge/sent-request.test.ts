import type {
	CloudFrontHeaders,
	CloudFrontRequest,
	CloudFrontRequestEvent,
	CloudFrontResponse,
	CloudFrontResultResponse,
} from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createLambdaSigner } from "#adapters/http/lambda-signer.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { createInterceptor } from "#lambdas/route-request/interceptor.ts";
import { headerMap, originRequestEvent, originResponseEvent } from "#local/edge/cloudfront-event.ts";
import { returnedRequestViolation, returnedResponseViolation } from "#local/edge/cloudfront-limits.ts";

const tokyo = regionId("ap-northeast-1");
const failures: string[] = [];
/** An edge that signs, before a partition of which nothing is known. */
const intercept = createInterceptor({
	config: {
		stage: "test",
		regions: [tokyo],
		controlRegion: tokyo,
		metadataTable: "m",
		origins: { [tokyo]: { domainName: "abc.lambda-url.ap-northeast-1.on.aws", port: 443, protocol: "https" } },
	},
	nearRegion: tokyo,
	readRoute: async () => undefined,
	directory: { urlOf: async () => undefined },
	sign: createLambdaSigner({ accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "session" }, () => 0),
	clock: { nowMs: () => 0 },
	background: (work) => void work(),
	seed: 1,
	log: { warn: (code) => failures.push(code), error: (code) => failures.push(code) },
});

interface Viewer {
	readonly method?: string;
	readonly querystring?: string;
	readonly rawHeaders?: readonly string[];
}
const eventOf = ({ method = "GET", querystring = "", rawHeaders = [] }: Viewer): CloudFrontRequestEvent => {
	const body = { data: Buffer.alloc(0), truncated: false };
	const viewer = { method, uri: "/v1/partitions/acme/items/k", querystring, rawHeaders, clientIp: "192.0.2.1", body };
	return originRequestEvent(viewer, headerMap(rawHeaders), "r-12345678");
};
type Outcome = CloudFrontRequest & Partial<CloudFrontResultResponse>;
/** As CloudFront gets it. */
const ask = async (event: CloudFrontRequestEvent): Promise<Outcome> => JSON.parse(JSON.stringify(await intercept(event))) as Outcome;
const codeOf = ({ status, body }: Outcome) => [status, JSON.parse(String(body)).code];

describe("a request that is sent on", () => {
	it("bears nothing that only the edge may say, also where the edge has nothing to say", async () => {
		const forged = ["buckets", "canary", "authorization", "hops", "leader"].flatMap((name) => [`x-heliotrope-${name}`, "7"]);
		const { headers } = await ask(eventOf({ rawHeaders: forged }));
		const internal = Object.keys(headers).filter((name) => name.startsWith("x-heliotrope-"));
		expect(internal.sort()).toEqual(["edge-region", "partition", "request-id"].map((name) => `x-heliotrope-${name}`));
	});

	it("bears no x-amz- header but those of the signature and CloudFront, and no address but CloudFront's", async () => {
		const viewer = ["x-amz-date", "x-amz-security-token", "x-amz-target", "x-amz-meta-a", "x-forwarded-for"];
		const { headers } = await ask(eventOf({ rawHeaders: [...viewer, "x-amz-cf-id"].flatMap((name) => [name, "viewer"]) }));
		const left = Object.entries(headers).filter(([name]) => /^x-(amz|forwarded)-/.test(name));
		expect(left.filter(([, values]) => values.some(({ value }) => value === "viewer")).map(([name]) => name)).toEqual(["x-amz-cf-id"]);
		expect(left.map(([name]) => name).sort()).toEqual(["x-amz-cf-id", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]);
	});

	it("waits for a data plane as long as that may take, and no longer", async () => {
		expect((await ask(eventOf({}))).origin?.custom).toEqual({
			domainName: "abc.lambda-url.ap-northeast-1.on.aws",
			port: 443,
			protocol: "https",
			path: "",
			sslProtocols: ["TLSv1.2"],
			readTimeout: 15,
			keepaliveTimeout: 5,
			customHeaders: {},
		});
	});

	it("is never longer than CloudFront takes: what the edge adds counts", async () => {
		const statuses = new Set<string>();
		for (let chars = 31_000; chars < 32_700; chars += 20) {
			const event = eventOf({ rawHeaders: ["x-any", "y".repeat(chars)] });
			const before = structuredClone(event.Records[0]?.cf.request as CloudFrontRequest);
			const outcome = await ask(event);
			if (outcome.status === undefined) expect(returnedRequestViolation(before, outcome)).toBeUndefined();
			else expect(codeOf(outcome)).toEqual(["431", "request.headers-too-large"]);
			statuses.add(outcome.status ?? "sent");
		}
		expect([...statuses]).toEqual(["sent", "431"]);
	});
});

describe("a request that is refused", () => {
	it.each(["X-Amz-Signature=1", "a=1&x-amz-date=2", "%58-amz-credential=3"])(
		"would compete with the signature: %s",
		async (querystring) => {
			expect(codeOf(await ask(eventOf({ querystring })))).toEqual(["400", "request.invalid"]);
		},
	);

	it.each(["prefix=%FF", "a=1&b=%C3", "a=%ED%A0%80", "%zz", "a=%"])(
		"has a query of which nobody can say what it means: %s",
		async (query) => {
			expect(codeOf(await ask(eventOf({ querystring: query })))).toEqual(["400", "request.invalid"]);
			expect((await ask(eventOf({ querystring: "prefix=%E2%82%AC+%2B&a&=b" }))).querystring).toBe("prefix=%E2%82%AC%20%2B&a=&=b");
		},
	);

	it("names two bearers", async () => {
		const rawHeaders = ["authorization", "Bearer a.b.c", "authorization", "Bearer d.e.f"];
		expect(codeOf(await ask(eventOf({ rawHeaders })))).toEqual(["400", "request.invalid"]);
	});

	it("has a body that the distribution does not hand on, and that nobody can sign", async () => {
		const event = eventOf({ method: "PUT", rawHeaders: ["content-length", "5"] });
		const request = event.Records[0]?.cf.request as { body?: unknown };
		delete request.body;
		const outcome = await ask(event);
		expect([...codeOf(outcome), outcome.headers["retry-after"]?.[0]?.value]).toEqual(["503", "edge.misconfigured", "1"]);
	});
});

describe("an answer that the edge cannot read", () => {
	it("is handed on without its headers, but for what CloudFront does not let go and a 503 has to bear", async () => {
		failures.length = 0;
		const chunked = [{ key: "transfer-encoding", value: "chunked" }];
		const headers = { ...headerMap(["via", "1.1 x", "x-heliotrope-buckets", "2"]), "transfer-encoding": chunked };
		// what no function of ours gives, and a future CloudFront might
		const broken: CloudFrontHeaders = {
			...headers,
			"x-heliotrope-replicas": [{ value: 7 as never }],
			"x-heliotrope-epoch": [{ value: "3" }],
		};
		const own = { ...broken, "x-heliotrope-request-id": [{ value: "r-12345678" }] };
		const before: CloudFrontResponse = { status: "503", statusDescription: "", headers: own };
		const given = (await intercept(
			originResponseEvent({ uri: "/", headers: {} } as CloudFrontRequest, before, "r-1"),
		)) as CloudFrontResponse;
		expect(failures).toEqual(["edge.failed"]);
		expect(returnedResponseViolation(before, given)).toBeUndefined();
		expect(Object.keys(given.headers).sort()).toEqual(["retry-after", "transfer-encoding", "via"]);
	});
});
