import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontResultResponse } from "aws-lambda";
import { expect, test } from "vitest";
import { createLambdaSigner } from "#adapters/http/lambda-signer.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { isPartitionId } from "#domain/partition/partition-id.ts";
import type { KnownRoute } from "#domain/routing/known-route.ts";
import { createInterceptor } from "#lambdas/route-request/interceptor.ts";
import { generatedResponseViolation, returnedRequestViolation } from "#local/edge/cloudfront-limits.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { eventOf, hostileRequest } from "#test/property/edge/hostile.ts";

/** `npm run fuzz` asks for 100,000. */
const RUNS = Number(process.env["HELIOTROPE_FUZZ_RUNS"] ?? 1500);
/** Ten times what 100,000 take, so that a count which is asked for is not cut short. */
const TIMEOUT_MS = process.env["HELIOTROPE_FUZZ_RUNS"] === undefined ? undefined : 3_600_000;
const regions = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);

/** Each partition's leader follows from its name, so that a request routed as another partition shows. */
const leaderOf = (partition: string): RegionId => regions[partition.length % regions.length] as RegionId;
const routeOf = (partition: string): KnownRoute => ({ leader: leaderOf(partition), followers: [], epoch: 1, moving: false, buckets: 4 });

const intercept = createInterceptor({
	config: {
		stage: "fuzz",
		regions,
		controlRegion: regions[0] as RegionId,
		metadataTable: "m",
		origins: Object.fromEntries(regions.map((region) => [region, { domainName: `${region}.example`, port: 443, protocol: "https" }])),
	},
	nearRegion: regions[0] as RegionId,
	readRoute: async (partition) => routeOf(partition),
	directory: { urlOf: async () => undefined },
	sign: createLambdaSigner({ accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "session" }, () => 0),
	clock: { nowMs: () => 0 },
	background: (work) => void work(),
	seed: 7,
	log: { warn: () => {}, error: (code) => expect.fail(`the interceptor failed: ${code}`) },
});

/** The partition that any reader of the path would find in it. */
function partitionIn(path: string): string | undefined {
	const encoded = /^\/v1\/partitions\/([^/]*)\/(?:.|\n|\r)/u.exec(path)?.[1];
	try {
		const name = decodeURIComponent(encoded ?? "%");
		return isPartitionId(name) ? name : undefined;
	} catch {
		return undefined;
	}
}

const OURS = ["x-heliotrope-edge-region", "x-heliotrope-request-id", "x-heliotrope-partition", "x-heliotrope-buckets"];
const PASSED = new Set([
	...OURS,
	"x-heliotrope-consistency",
	"x-heliotrope-session",
	"x-heliotrope-segment",
	"x-heliotrope-timeout-ms",
	"x-heliotrope-authorization",
]);
const valuesIn = (given: CloudFrontHeaders, name: string) => given[name]?.map(({ value }) => value);

/** What CloudFront gets of a result. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function checkSent(before: CloudFrontRequest, sent: CloudFrontRequest): void {
	expect(returnedRequestViolation(before, sent)).toBeUndefined();
	const partition = partitionIn(before.uri) ?? expect.fail(`${JSON.stringify(before.uri)} was routed`);
	expect(sent.uri).toBe(before.uri);
	expect(valuesIn(sent.headers, "x-heliotrope-partition")).toEqual([partition]);
	expect(sent.origin?.custom?.domainName).toBe(`${leaderOf(partition)}.example`);
	expect(valuesIn(sent.headers, "host")).toEqual([sent.origin?.custom?.domainName]);
	expect(valuesIn(sent.headers, "x-heliotrope-buckets")).toEqual(["4"]);
	expect(valuesIn(sent.headers, "x-heliotrope-edge-region")).toEqual([regions[0]]);
	expect(valuesIn(sent.headers, "authorization")?.join()).toMatch(/^AWS4-HMAC-SHA256 Credential=AKID\//);
	expect(valuesIn(sent.headers, "x-heliotrope-authorization")).toEqual(valuesIn(before.headers, "authorization"));
	for (const name of Object.keys(sent.headers)) if (name.startsWith("x-heliotrope-")) expect(PASSED).toContain(name);
	for (const name of [...OURS, "authorization"])
		for (const value of valuesIn(sent.headers, name) ?? []) expect(value).toMatch(/^[\x20-\x7e]+$/);
}

test(
	"whatever a viewer sends is answered or sent on as CloudFront takes it: nothing forged, nothing smuggled, never as another partition",
	async () => {
		const outcomes = { sent: 0, answered: 0 };
		await fc.assert(
			fc.asyncProperty(hostileRequest, async (given) => {
				const event = eventOf(given);
				const before = structuredClone(event.Records[0]?.cf.request as CloudFrontRequest);
				const result = asJson(await intercept(event)) as CloudFrontRequest | CloudFrontResultResponse;
				if ("uri" in result) {
					outcomes.sent += 1;
					return checkSent(before, result);
				}
				outcomes.answered += 1;
				expect(generatedResponseViolation(result)).toBeUndefined();
				expect(result.headers?.["content-type"]?.[0]?.value).toBe("application/problem+json");
				expect(["400", "404", "413", "414", "431", "503"]).toContain(result.status);
				if (result.status === "503") {
					expect(result.headers).toHaveProperty("retry-after");
					expect(["region.unavailable", "edge.misconfigured"]).toContain(JSON.parse(result.body ?? "").code);
				}
			}),
			{ seed: Number(process.env["HELIOTROPE_FUZZ_SEED"] ?? 51), numRuns: RUNS },
		);
		// A generator that only ever makes what is refused would show nothing.
		expect(outcomes.sent).toBeGreaterThan(RUNS / 20);
		expect(outcomes.answered).toBeGreaterThan(RUNS / 20);
	},
	TIMEOUT_MS,
);
