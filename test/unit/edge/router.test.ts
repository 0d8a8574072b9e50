import type { CloudFrontRequest, CloudFrontRequestResult, CloudFrontResultResponse } from "aws-lambda";
import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { type EdgeConfig, edgeConfigOf } from "#infra/description/edge.ts";
import { clientIdOf } from "#lambdas/route-request/client-id.ts";
import { createRouter, nearestDeployed } from "#lambdas/route-request/create-router.ts";
import { headerMap, originRequestEvent } from "#local/edge/cloudfront-event.ts";

const [virginia, dublin, tokyo] = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId) as [
	PartitionRecord["leader"],
	PartitionRecord["leader"],
	PartitionRecord["leader"],
];
const regions = [virginia, dublin, tokyo];
const config: EdgeConfig = {
	stage: "test",
	regions,
	controlRegion: virginia,
	metadataTable: "m",
	origins: Object.fromEntries(
		regions.map((region) => [region, { domainName: `${region}.example`, port: 443, protocol: "https" as const }]),
	),
};
const acme: PartitionRecord = {
	partition: partitionId("acme"),
	leader: dublin,
	followers: [],
	epoch: 1,
	phase: "active",
	buckets: 2,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
};

/** A router near Tokyo over a metadata table that can change and fail. */
function routerNearTokyo() {
	const table = { record: undefined as PartitionRecord | undefined, fails: false, reads: 0, nowMs: 0 };
	const lines: string[] = [];
	const route = createRouter({
		config,
		nearRegion: tokyo,
		metadata: {
			readNearest: async () => {
				table.reads += 1;
				if (table.fails) throw new UnavailableError("down");
				return table.record;
			},
		},
		clock: { nowMs: () => table.nowMs },
		log: (line) => lines.push(line),
	});
	const ask = async (uri = "/v1/partitions/acme/items/k", method = "GET", rawHeaders: readonly string[] = []) => {
		const viewer = { method, uri, querystring: "", rawHeaders, clientIp: "192.0.2.1", body: Buffer.alloc(0) };
		return route(originRequestEvent(viewer, headerMap(rawHeaders), "r-1"));
	};
	return { table, lines, ask, regionAsked: async (...asked: Parameters<typeof ask>) => originOf(await ask(...asked)) };
}

const originOf = (result: CloudFrontRequestResult) => (result as CloudFrontRequest).origin?.custom?.domainName.replace(".example", "");

test("a record is read once in its time to live, then again", async () => {
	const { table, regionAsked } = routerNearTokyo();
	table.record = acme;
	expect([await regionAsked(), await regionAsked(), table.reads]).toEqual([dublin, dublin, 1]);
	table.record = { ...acme, leader: virginia };
	table.nowMs = 29_999;
	expect([await regionAsked(), table.reads]).toEqual([dublin, 1]);
	table.nowMs = 30_000;
	expect([await regionAsked(), table.reads]).toEqual([virginia, 2]);
});

test("an absent record is asked for again after a second", async () => {
	const { table, regionAsked } = routerNearTokyo();
	expect(await regionAsked()).toBe(tokyo);
	table.record = acme;
	expect(await regionAsked()).toBe(tokyo);
	table.nowMs = 1000;
	expect(await regionAsked()).toBe(dublin);
});

test("without metadata a stale route serves, and else the nearest region", async () => {
	const { table, lines, regionAsked } = routerNearTokyo();
	table.fails = true;
	expect(await regionAsked()).toBe(tokyo);
	table.fails = false;
	table.record = acme;
	expect(await regionAsked()).toBe(dublin);
	table.fails = true;
	table.nowMs = 3_600_000;
	expect(await regionAsked()).toBe(dublin);
	expect(lines.map((line) => JSON.parse(line).cached)).toEqual([false, true]);
});

test("reads that a follower may answer go to the nearest copy, and everything else to the leader", async () => {
	const { table, regionAsked, ask } = routerNearTokyo();
	table.record = { ...acme, leader: virginia, followers: [dublin] };
	const item = "/v1/partitions/acme/items/k";
	const at = (method: string, uri: string, consistency: string) => regionAsked(uri, method, ["X-Heliotrope-Consistency", consistency]);
	const near = dublin;
	for (const consistency of ["session", "eventual"]) expect(await at("GET", item, consistency)).toBe(near);
	expect(await at("GET", "/v1/partitions/acme/items", "eventual")).toBe(near);
	expect(await at("GET", "/v1/partitions/acme/items", "session")).toBe(virginia);
	for (const consistency of ["linearizable", "whatever"]) expect(await at("GET", item, consistency)).toBe(virginia);
	for (const method of ["PUT", "DELETE"]) expect(await at(method, item, "eventual")).toBe(virginia);
	expect(await at("POST", "/v1/partitions/acme/batch", "session")).toBe(virginia);
	const sent = (await ask(item, "GET", ["x-heliotrope-consistency", "session", "x-heliotrope-session", "AAAA"])) as CloudFrontRequest;
	expect(sent.headers).toMatchObject({ "x-heliotrope-consistency": [{ value: "session" }], "x-heliotrope-session": [{ value: "AAAA" }] });
});

test("what fails unexpectedly is a problem, not an exception", async () => {
	const { table, ask, lines } = routerNearTokyo();
	table.record = {
		...acme,
		get leader(): never {
			throw new Error("a defect");
		},
	};
	const answer = (await ask()) as CloudFrontResultResponse;
	expect([answer.status, JSON.parse(answer.body ?? "").code]).toEqual(["500", "internal"]);
	expect(answer.body).not.toContain("defect");
	expect(lines).toHaveLength(1);
});

test("a deployed region without a data plane is 503 with Retry-After", async () => {
	const route = createRouter({
		config: { ...config, origins: {} },
		nearRegion: tokyo,
		metadata: { readNearest: async () => undefined },
		clock: { nowMs: () => 0 },
		log: () => {},
	});
	const viewer = { method: "GET", uri: "/v1/partitions/p/items/k", querystring: "", rawHeaders: [], clientIp: "", body: Buffer.alloc(0) };
	expect(await route(originRequestEvent(viewer, {}, "r"))).toMatchObject({ status: "503", headers: { "retry-after": [{ value: "1" }] } });
});

test("the edge is near the deployed region that is nearest to where it runs", () => {
	expect(nearestDeployed("ap-northeast-1", config)).toBe(tokyo);
	expect(nearestDeployed("ap-northeast-2", config)).toBe(tokyo);
	expect(nearestDeployed("eu-north-1", config)).toBe(dublin);
	expect(nearestDeployed("", config)).toBe(virginia);
});

test("a client is who it says, else its cookie, else its address", () => {
	const cookie = { cookie: [{ value: "a=1; heliotrope-client=from-cookie" }] };
	expect(clientIdOf({ ...cookie, "x-heliotrope-client-id": [{ value: "said" }] }, "192.0.2.1")).toBe("said");
	expect(clientIdOf(cookie, "192.0.2.1")).toBe("from-cookie");
	expect(clientIdOf({}, "192.0.2.1")).toBe("192.0.2.1");
	expect(clientIdOf({ "x-heliotrope-client-id": [{ value: " \n" }] }, "")).toBe("unknown");
	expect(clientIdOf({ "x-heliotrope-client-id": [{ value: "é".repeat(3) + "x".repeat(300) }] }, "")).toHaveLength(128);
});

test("the baked configuration is made from the deployment", () => {
	const deployment = {
		stage: "prod",
		regions,
		controlRegion: virginia,
		dataPlaneUrls: { "us-east-1": "https://abc.lambda-url.us-east-1.on.aws", "eu-west-1": "http://data.localhost:8080" },
		stateMachineArns: {},
		modelEndpointName: "m",
	};
	expect(edgeConfigOf(deployment)).toEqual({
		stage: "prod",
		regions,
		controlRegion: virginia,
		metadataTable: "heliotrope-prod-metadata",
		origins: {
			"us-east-1": { domainName: "abc.lambda-url.us-east-1.on.aws", port: 443, protocol: "https" },
			"eu-west-1": { domainName: "data.localhost", port: 8080, protocol: "http" },
		},
	});
});
