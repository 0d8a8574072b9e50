import type { CloudFrontRequest, CloudFrontRequestEvent, CloudFrontRequestResult, CloudFrontResultResponse } from "aws-lambda";
import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { defaultRegion } from "#domain/routing/decide-route.ts";
import { routeOf } from "#domain/routing/known-route.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { type EdgeConfig, edgeConfigOf, originOf as originOfUrl } from "#infra/description/edge.ts";
import { clientIdOf } from "#lambdas/route-request/client-id.ts";
import { createInterceptor, type InterceptorParts, nearestDeployed } from "#lambdas/route-request/interceptor.ts";
import { headerMap, originRequestEvent, originResponseEvent } from "#local/edge/cloudfront-event.ts";

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

/** An interceptor near Tokyo over a metadata table that can change and fail. */
function edgeNearTokyo(more: Partial<InterceptorParts> = {}) {
	const table = { record: undefined as PartitionRecord | undefined, fails: false, reads: 0, nowMs: 0 };
	const lines: { code: string; fields: Readonly<Record<string, unknown>> }[] = [];
	const note = (code: string, fields: Readonly<Record<string, unknown>>) => void lines.push({ code, fields });
	const handle = createInterceptor({
		config,
		nearRegion: tokyo,
		readRoute: async () => {
			table.reads += 1;
			if (table.fails) throw new UnavailableError("down");
			return table.record === undefined ? undefined : routeOf(table.record);
		},
		directory: { urlOf: async () => undefined },
		sign: undefined,
		clock: { nowMs: () => table.nowMs },
		background: (work) => void work(),
		seed: 1,
		log: { warn: note, error: note },
		...more,
	});
	const ask = async (uri = "/v1/partitions/acme/items/k", method = "GET", rawHeaders: readonly string[] = [], attempt: 1 | 2 = 1) => {
		const viewer = { method, uri, querystring: "", rawHeaders, clientIp: "192.0.2.1", body: { data: Buffer.alloc(0), truncated: false } };
		return (await handle(originRequestEvent(viewer, headerMap(rawHeaders), "r-1", attempt))) as CloudFrontRequestResult;
	};
	const answer = async (region: string, status: string, rawHeaders: readonly string[]) => {
		const sent = (await ask()) as CloudFrontRequest;
		const custom = { ...sent.origin?.custom, domainName: `${region}.example` } as NonNullable<CloudFrontRequest["origin"]>["custom"];
		const response = { status, statusDescription: "", headers: headerMap(rawHeaders) };
		return handle(originResponseEvent({ ...sent, origin: { custom } } as CloudFrontRequest, response, "r-1"));
	};
	const regionAsked = async (...asked: Parameters<typeof ask>) => originOf(await ask(...asked));
	return { table, lines, ask, answer, handle, regionAsked };
}

const originOf = (result: CloudFrontRequestResult) => (result as CloudFrontRequest).origin?.custom?.domainName.replace(".example", "");

test("a record is read once in its time to live; then it serves while it is read again", async () => {
	const { table, regionAsked } = edgeNearTokyo();
	table.record = acme;
	expect([await regionAsked(), await regionAsked(), table.reads]).toEqual([dublin, dublin, 1]);
	table.record = { ...acme, leader: virginia };
	table.nowMs = 29_999;
	expect([await regionAsked(), table.reads]).toEqual([dublin, 1]);
	table.nowMs = 30_000;
	expect([await regionAsked(), table.reads]).toEqual([dublin, 2]);
	expect([await regionAsked(), table.reads]).toEqual([virginia, 2]);
	table.record = { ...acme, leader: dublin };
	table.nowMs = 30_000 + 30_000 + 300_000;
	expect([await regionAsked(), table.reads]).toEqual([dublin, 3]);
});

test("an absent record is asked for again after a second", async () => {
	const { table, regionAsked } = edgeNearTokyo();
	expect(await regionAsked()).toBe(tokyo);
	table.record = acme;
	expect(await regionAsked()).toBe(tokyo);
	table.nowMs = 1000;
	expect(await regionAsked()).toBe(dublin);
});

test("however many ask at once, one read answers all of them", async () => {
	const { table, regionAsked } = edgeNearTokyo();
	table.record = acme;
	expect(await Promise.all(Array.from({ length: 20 }, () => regionAsked()))).toEqual(Array(20).fill(dublin));
	expect(table.reads).toBe(1);
});

test("without metadata what is known serves, and else the region that every edge derives from the name; nobody waits twice", async () => {
	const { table, lines, regionAsked } = edgeNearTokyo();
	table.fails = true;
	const derived = await regionAsked();
	expect(derived).toBe(defaultRegion(partitionId("acme"), regions));
	expect(await regionAsked()).toBe(derived);
	expect(table.reads).toBe(1);
	table.fails = false;
	table.record = acme;
	table.nowMs = 1000;
	expect(await regionAsked()).toBe(dublin);
	table.fails = true;
	table.nowMs = 3_600_000;
	expect([await regionAsked(), await regionAsked()]).toEqual([dublin, dublin]);
	expect(table.reads).toBe(3);
	expect(lines.map(({ code, fields }) => [code, fields["cached"]])).toEqual([
		["metadata.unavailable", false],
		["metadata.unavailable", true],
	]);
});

test("an answer teaches who leads, and a lower epoch never does", async () => {
	const { table, regionAsked, answer } = edgeNearTokyo();
	table.record = acme;
	const marks = (epoch: number, ...replicas: string[]) => [
		"x-heliotrope-epoch",
		String(epoch),
		"x-heliotrope-replicas",
		replicas.join(","),
	];
	await answer(dublin, "200", [...marks(2, virginia, dublin), "x-heliotrope-request-id", "r-1"]);
	expect(await regionAsked()).toBe(virginia);
	await answer(virginia, "200", [...marks(1, dublin), "x-heliotrope-request-id", "r-1"]);
	expect([await regionAsked(), table.reads]).toEqual([virginia, 1]);
	for (const nonsense of [
		["x-heliotrope-epoch", "9"],
		marks(0, dublin),
		marks(9, "nowhere"),
		["x-heliotrope-epoch", "9e9", "x-heliotrope-replicas", dublin],
	]) {
		await answer(virginia, "200", nonsense);
	}
	expect(await regionAsked()).toBe(virginia);
});

test("a read that any copy may answer is tried once more elsewhere; every other one where it was", async () => {
	const { table, regionAsked, ask } = edgeNearTokyo();
	table.record = { ...acme, leader: virginia, followers: [dublin, tokyo] };
	const item = "/v1/partitions/acme/items/k";
	const eventual = ["x-heliotrope-consistency", "eventual"];
	expect([await regionAsked(item, "GET", eventual), await regionAsked(item, "GET", eventual, 2)]).toEqual([tokyo, dublin]);
	expect([await regionAsked(item), await regionAsked(item, "GET", [], 2)]).toEqual([virginia, virginia]);
	expect(await regionAsked(item, "GET", [], 2)).toBe(virginia);
	const given = (await ask(item, "GET", [], 2)) as CloudFrontResultResponse;
	expect([given.status, JSON.parse(given.body ?? "").code]).toEqual(["503", "region.unavailable"]);
	table.nowMs = 5000;
	expect(await regionAsked(item, "GET", [], 2)).toBeUndefined();
	expect(await regionAsked(item)).toBe(virginia);
});

test("a region that does not answer gets only what no other can do", async () => {
	const { table, regionAsked, answer } = edgeNearTokyo();
	table.record = {
		...acme,
		leader: virginia,
		followers: [tokyo],
		phase: "migrating",
		migrationId: "m",
		canary: { target: tokyo, weight: 1 },
	};
	expect(await regionAsked()).toBe(tokyo);
	for (let times = 0; times < 3; times += 1) await answer(tokyo, "502", []);
	expect(await regionAsked()).toBe(virginia);
	await answer(tokyo, "404", ["x-heliotrope-request-id", "r-1"]);
	expect(await regionAsked()).toBe(tokyo);
});

test("a read that any copy may answer goes past a near copy that does not answer, until it has rested", async () => {
	const { table, regionAsked, answer } = edgeNearTokyo();
	table.record = { ...acme, leader: virginia, followers: [tokyo, dublin] };
	const eventual = ["x-heliotrope-consistency", "eventual"];
	const asked = () => regionAsked("/v1/partitions/acme/items/k", "GET", eventual);
	expect(await asked()).toBe(tokyo);
	for (let times = 0; times < 3; times += 1) await answer(tokyo, "503", []);
	expect(await asked()).toBe(dublin);
	for (let times = 0; times < 3; times += 1) await answer(dublin, "503", []);
	expect(await asked()).toBe(virginia);
	table.nowMs = 5000;
	expect(await asked()).toBe(tokyo);
});

test.each([
	["path:/tenants/{partition}/*", "/tenants/acme/orders", []],
	["host:{partition}.example.com", "/", ["host", "acme.example.com"]],
	["header:x-tenant", "/", ["x-tenant", "acme"]],
	["cookie:tenant", "/", ["cookie", "a=b; tenant=acme"]],
	["claim:tenant", "/", ["authorization", `Bearer e30.${btoa('{"tenant":"acme"}').replaceAll("=", "")}.c2ln`]],
])("by the rule %s the application is told the partition that the edge has found, whatever a viewer claims", async (rule, uri, named) => {
	const { table, ask, regionAsked } = edgeNearTokyo({ config: { ...config, partitionRule: rule } });
	table.record = acme;
	const forged = ["x-heliotrope-partition", "other", "x-heliotrope-canary", "1", "x-heliotrope-buckets", "64"];
	const sent = (await ask(uri, "GET", [...forged, ...named])) as CloudFrontRequest;
	expect(originOf(sent)).toBe(dublin);
	expect(sent.uri).toBe(uri);
	expect(sent.headers["x-heliotrope-partition"]).toEqual([{ key: "x-heliotrope-partition", value: "acme" }]);
	expect(sent.headers["x-heliotrope-canary"]).toBeUndefined();
	expect(sent.headers["x-heliotrope-buckets"]?.map(({ value }) => value)).toEqual(["2"]);
	expect(await regionAsked("/", "GET", forged)).toBeUndefined();
});

test("reads that a follower may answer go to the nearest copy, and everything else to the leader", async () => {
	const { table, regionAsked, ask } = edgeNearTokyo();
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

test("what fails unexpectedly is a problem, not an exception, and says nothing of what it was about", async () => {
	const sign = async () => Promise.reject(new Error("secret /v1/partitions/acme"));
	const { ask, lines } = edgeNearTokyo({ sign });
	const answer = (await ask()) as CloudFrontResultResponse;
	expect([answer.status, answer.headers?.["retry-after"], JSON.parse(answer.body ?? "").code]).toEqual([
		"503",
		[{ key: "retry-after", value: "1" }],
		"edge.failed",
	]);
	expect(JSON.stringify([answer.body, lines])).not.toMatch(/secret|acme/);
	expect(lines.map(({ code }) => code)).toEqual(["edge.failed"]);
});

test.each([
	[undefined],
	[null],
	[{}],
	[{ Records: [] }],
	[{ Records: [{ cf: {} }] }],
	[{ Records: [{ cf: { config: {}, request: {} } }] }],
	[{ Records: [{ cf: { config: {}, request: {}, response: null } }] }],
])("an event that CloudFront never sends is answered: %j", async (event) => {
	const { handle } = edgeNearTokyo();
	expect(await handle(event as unknown as CloudFrontRequestEvent)).toMatchObject({ status: "503" });
});

test("a deployed region without a data plane is 503 with Retry-After", async () => {
	const { ask } = edgeNearTokyo({ config: { ...config, origins: {} } });
	const answer = (await ask()) as CloudFrontResultResponse;
	const marks = { "retry-after": [{ value: "1" }], "x-heliotrope-region": [{ value: tokyo }], "x-heliotrope-epoch": [{ value: "0" }] };
	expect(answer).toMatchObject({ status: "503", headers: marks });
	const requestId = answer.headers?.["x-heliotrope-request-id"]?.[0]?.value;
	expect(JSON.parse(answer.body ?? "")).toMatchObject({ type: "urn:heliotrope:problem:region.unknown", requestId });
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
	const among = { cookie: [{ value: "a=1" }, { value: "not-heliotrope-client=other;heliotrope-client=second; b=2" }] };
	expect(clientIdOf(among, "192.0.2.1")).toBe("second");
	expect(clientIdOf({ cookie: [{ value: "not-heliotrope-client=other" }] }, "192.0.2.1")).toBe("192.0.2.1");
	expect(clientIdOf({}, "192.0.2.1")).toBe("192.0.2.1");
	expect(clientIdOf({ "x-heliotrope-client-id": [{ value: " \n" }] }, "")).toBe("unknown");
	expect(clientIdOf({ "x-heliotrope-client-id": [{ value: "é".repeat(3) + "x".repeat(300) }] }, "")).toHaveLength(128);
});

test("the baked configuration is made from the deployment", () => {
	const deployment = {
		stage: "prod",
		regions,
		controlRegion: virginia,
		stateMachineArns: {},
		modelEndpointName: "m",
		featuresBucket: "features",
		trainingRoleArn: "role",
		trainingInstance: "ml.local",
		tags: {},
	};
	expect(edgeConfigOf(deployment)).toEqual({
		stage: "prod",
		regions,
		controlRegion: virginia,
		metadataTable: "heliotrope-prod-metadata",
		origins: {},
	});
});

test("a data plane that is not baked in is looked up once a minute, and its answers are known by it", async () => {
	const urls: Record<string, string> = { [dublin]: "https://old.example" };
	let asked = 0;
	const urlOf = async (region: string): Promise<string | undefined> => {
		asked += 1;
		return urls[region];
	};
	const directory = { urlOf };
	const { table, ask } = edgeNearTokyo({ config: { ...config, origins: {} }, directory });
	table.record = acme;
	const host = async (): Promise<unknown> => ((await ask()) as CloudFrontRequest).origin?.custom;
	expect(await host()).toMatchObject({ domainName: "old.example", port: 443, protocol: "https" });
	expect(await host()).toMatchObject({ domainName: "old.example" });
	expect(asked).toBe(1);
	urls[dublin] = "https://new.example";
	table.nowMs = 60_000;
	// The old one serves while the new one is looked up
	expect(await host()).toMatchObject({ domainName: "old.example" });
	expect(await host()).toMatchObject({ domainName: "new.example" });
	expect(asked).toBe(2);
});

test("a directory that is out of reach is 503 with Retry-After, and asked again", async () => {
	let lost = true;
	const directory = { urlOf: async () => (lost ? Promise.reject(new UnavailableError("down")) : "https://dublin.example") };
	const { table, ask } = edgeNearTokyo({ config: { ...config, origins: {} }, directory });
	table.record = acme;
	expect(await ask()).toMatchObject({ status: "503", headers: { "retry-after": [{ value: "1" }] } });
	lost = false;
	expect(((await ask()) as CloudFrontRequest).origin?.custom?.domainName).toBe("dublin.example");
});

test("a data plane's URL stands for an origin", () => {
	const secure = originOfUrl("https://abc.lambda-url.us-east-1.on.aws");
	expect(secure).toEqual({ domainName: "abc.lambda-url.us-east-1.on.aws", port: 443, protocol: "https" });
	expect(originOfUrl("http://data.localhost:8080")).toEqual({ domainName: "data.localhost", port: 8080, protocol: "http" });
});
