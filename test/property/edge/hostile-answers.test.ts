import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontResponse, CloudFrontResultResponse } from "aws-lambda";
import { expect, test } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createInterceptor } from "#lambdas/route-request/interceptor.ts";
import { originResponseEvent } from "#local/edge/cloudfront-event.ts";
import { generatedResponseViolation, returnedResponseViolation } from "#local/edge/cloudfront-limits.ts";
import fc from "#test/__helpers__/fast-check.ts";

const RUNS = Number(process.env["HELIOTROPE_FUZZ_RUNS"] ?? 1500);
const TIMEOUT_MS = process.env["HELIOTROPE_FUZZ_RUNS"] === undefined ? undefined : 3_600_000;
const regions = ["us-east-1", "eu-west-1"].map(regionId) as [RegionId, RegionId];
const [virginia, dublin] = regions;
const PUBLIC = ["region", "epoch", "replicas", "request-id", "staleness-ms", "session"].map((name) => `x-heliotrope-${name}`);

const intercept = createInterceptor({
	config: {
		stage: "fuzz",
		regions,
		controlRegion: virginia,
		metadataTable: "m",
		origins: Object.fromEntries(regions.map((region) => [region, { domainName: `${region}.example`, port: 443, protocol: "https" }])),
	},
	nearRegion: virginia,
	readRoute: async () => ({ leader: virginia, followers: [], epoch: 3, moving: false, buckets: 2 }),
	directory: { urlOf: async () => undefined },
	sign: undefined,
	clock: { nowMs: () => 0 },
	background: (work) => void work(),
	seed: 7,
	log: { warn: () => {}, error: () => {} },
});

const text = fc.oneof(
	fc.string({ unit: "binary", maxLength: 20 }),
	fc.constantFrom(
		"",
		"1",
		"3",
		"0",
		"-1",
		"1e3",
		"999999999999",
		"eu-west-1",
		"eu-west-1,us-east-1",
		"eu-west-1,,",
		"mars-1",
		"__proto__",
		"r-12345678",
	),
);
const name = fc.constantFrom(
	...PUBLIC,
	"x-heliotrope-buckets",
	"x-heliotrope-canary-divergence",
	"x-heliotrope-authorization",
	"x-amzn-requestid",
	"content-type",
	"retry-after",
	"transfer-encoding",
	"via",
	"set-cookie",
	"__proto__",
);
/** Values as CloudFront hands them over, now and then in no form that it ever would. */
const values = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.array(
			text.map((value) => ({ value })),
			{ minLength: 1, maxLength: 2 },
		),
	},
	{ weight: 1, arbitrary: fc.constantFrom([], [{}], [{ value: 7 }]) },
);
const headers = fc.array(fc.tuple(name, values), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs) as CloudFrontHeaders);
const status = fc.constantFrom("200", "201", "204", "304", "403", "404", "412", "429", "500", "502", "503", "504");

const viewed = (partition: string): CloudFrontRequest =>
	({
		method: "GET",
		uri: `/v1/partitions/${partition}/items/k`,
		querystring: "",
		clientIp: "192.0.2.1",
		headers: { "x-heliotrope-partition": [{ value: partition }] },
		origin: { custom: { domainName: `${virginia}.example`, customHeaders: {} } },
	}) as unknown as CloudFrontRequest;

test(
	"whatever answers, viewers get what CloudFront takes and nothing internal, every 503 bears Retry-After, and no lower epoch is believed",
	async () => {
		await fc.assert(
			fc.asyncProperty(status, headers, async (code, given) => {
				const before: CloudFrontResponse = { status: code, statusDescription: "", headers: given };
				const answer = (await intercept(originResponseEvent(viewed("acme"), structuredClone(before), "r-1"))) as CloudFrontResultResponse;
				const after = { ...answer, headers: answer.headers ?? {} } as CloudFrontResponse;
				if (answer.body === undefined) expect(returnedResponseViolation(before, after)).toBeUndefined();
				else expect(generatedResponseViolation({ ...answer, headers: {} })).toBeUndefined();
				const internal = Object.keys(after.headers).filter((one) => one.startsWith("x-heliotrope-") && !PUBLIC.includes(one));
				expect(internal).toEqual([]);
				if (answer.status === "503") expect(after.headers).toHaveProperty("retry-after");
			}),
			{ seed: Number(process.env["HELIOTROPE_FUZZ_SEED"] ?? 53), numRuns: RUNS },
		);
		// an epoch below the record's teaches nothing of a partition that is looked up first
		const before = { status: "200", statusDescription: "", headers: {} };
		const ask = async () => {
			const cf = { config: { requestId: "r-1" }, request: viewed("other") };
			return ((await intercept({ Records: [{ cf }] } as never)) as CloudFrontRequest).origin?.custom?.domainName;
		};
		expect(await ask()).toBe(`${virginia}.example`);
		for (const [epoch, asked] of [
			["2", virginia],
			["4", dublin],
		] as const) {
			const told = { "x-heliotrope-epoch": [{ value: epoch }], "x-heliotrope-replicas": [{ value: dublin }] };
			await intercept(originResponseEvent(viewed("other"), { ...before, headers: told }, "r-1"));
			expect(await ask()).toBe(`${asked}.example`);
		}
	},
	TIMEOUT_MS,
);
