import { request } from "node:http";
import type { LambdaFunctionURLEvent, LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { afterEach, expect, test } from "vitest";
import { createLambdaSigner, hashOfBase64 } from "#adapters/http/lambda-signer.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { toLogLine } from "#lambdas/shared/access-line.ts";
import { startFront } from "#local/edge/front.ts";
import { dublin, startEdge, type TestEdge, tokyo, virginia } from "#test/integration/edge/fixture.ts";

let edge: TestEdge;
afterEach(() => edge.stop());

/** Tells what it was asked. */
const echo = async (event: LambdaFunctionURLEvent, region: RegionId) => ({
	statusCode: 200,
	headers: { "content-type": "application/json", "x-heliotrope-region": region, "x-heliotrope-canary-divergence": "0" },
	body: JSON.stringify(event),
});

const record = (leader: RegionId, more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: partitionId("acme"),
	leader,
	followers: [],
	epoch: 1,
	phase: "active",
	buckets: 4,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
	...more,
});

const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
	fetch(`${edge.url}${path}`, { ...init, headers });
const accessKeyOf = (event: object) => (event as LambdaFunctionURLEventWithIAMAuthorizer).requestContext.authorizer.iam.accessKey;
const eventOf = async (response: Response) => (await response.json()) as LambdaFunctionURLEvent;

test("a request goes to the leader at the price of the distance, and internal headers are ours alone", async () => {
	edge = await startEdge(echo);
	edge.records.set(partitionId("acme"), record(dublin));
	const startMs = edge.clock.nowMs();
	const response = await ask("/v1/partitions/acme/items/a%2Fb?x=%20y", {
		"x-viewer-region": "ap-northeast-1",
		"x-heliotrope-hops": "9",
		"x-heliotrope-canary": "1",
		"x-heliotrope-consistency": "eventual",
		"x-heliotrope-client-id": "c-1",
	});
	const event = await eventOf(response);
	expect(response.headers.get("x-heliotrope-region")).toBe(dublin);
	expect(response.headers.has("x-heliotrope-canary-divergence")).toBe(false);
	for (const name of ["x-heliotrope-hops", "x-heliotrope-canary", "x-heliotrope-client-id"]) expect(event.headers).not.toHaveProperty(name);
	expect([event.rawPath, event.rawQueryString]).toEqual(["/v1/partitions/acme/items/a%2Fb", "x=%20y"]);
	expect(event.headers).toMatchObject({
		"x-heliotrope-edge-region": tokyo,
		"x-heliotrope-buckets": "4",
		"x-heliotrope-consistency": "eventual",
		"x-heliotrope-request-id": response.headers.get("x-amz-cf-id"),
		"cloudfront-viewer-country": "JP",
		host: "data.lambda-url.eu-west-1.localhost",
	});
	expect(Object.keys(event.headers).filter((name) => /^x-(local|viewer)|canary|client-id/.test(name))).toEqual([]);
	expect(response.headers.get("x-local-network-ms")).toBe("220");
	expect(response.headers.get("x-local-elapsed-ms")).toBe("220");
	expect(edge.clock.nowMs() - startMs).toBe(220);
});

test.each([
	[{ "x-viewer-country": "IE" }, dublin],
	[{ "x-viewer-country": "kr" }, tokyo],
	[{ "x-viewer-region": "eu-central-1" }, dublin],
	[{}, virginia],
])("an unknown partition is first touched near the viewer: %j", async (headers, region) => {
	edge = await startEdge(echo);
	const response = await ask("/v1/partitions/new/items/k", headers);
	expect(response.headers.get("x-heliotrope-region")).toBe(region);
	expect((await eventOf(response)).headers).not.toHaveProperty("x-heliotrope-buckets");
});

test("bodies arrive as they were sent, text or bytes", async () => {
	edge = await startEdge(async (event) => ({ statusCode: 201, body: event.body ?? "", isBase64Encoded: event.isBase64Encoded }));
	const bytes = new Uint8Array([0, 255, 1, 254, 13, 10]);
	const put = async (body: string | Uint8Array<ArrayBuffer>, type: string) => {
		const response = await ask("/v1/partitions/p/items/k", { "content-type": type }, { method: "PUT", body });
		return [response.status, [...new Uint8Array(await response.arrayBuffer())]];
	};
	expect(await put(bytes, "application/octet-stream")).toEqual([201, [...bytes]]);
	expect(await put(bytes, "text/plain")).toEqual([201, [...bytes]]);
	expect(await put("grüße", "text/plain")).toEqual([201, [...Buffer.from("grüße")]]);
	expect(await put("", "text/plain")).toEqual([201, []]);
});

test("a canary's share of clients goes to the target, marked, the others to the leader", async () => {
	edge = await startEdge(echo);
	edge.records.set(partitionId("acme"), record(dublin, { phase: "migrating", migrationId: "m", canary: { target: tokyo, weight: 0.5 } }));
	const seen = { [dublin]: 0, [tokyo]: 0 } as Record<string, number>;
	for (let client = 0; client < 40; client += 1) {
		const response = await ask("/v1/partitions/acme/items/k", { "x-heliotrope-client-id": `c${client}` });
		const region = response.headers.get("x-heliotrope-region") ?? "";
		seen[region] = (seen[region] ?? 0) + 1;
		expect((await eventOf(response)).headers["x-heliotrope-canary"]).toBe(region === tokyo ? "1" : undefined);
	}
	expect(seen[tokyo]).toBeGreaterThan(8);
	expect(seen[dublin]).toBeGreaterThan(8);
});

test("a forwarded call is charged from the sandbox that signed it, in the same chain of work", async () => {
	edge = await startEdge(async (event, region, call) => {
		if (region === dublin) return { statusCode: 200, headers: { "x-heliotrope-region": region }, body: accessKeyOf(event) };
		const caller = edge.callers.issue(region, "serve-data");
		caller.activity = call.activity;
		const url = new URL(edge.urls.urlOf(dublin));
		const sign = createLambdaSigner(caller, () => edge.clock.nowMs());
		const parts = { method: "GET", host: url.host, path: event.rawPath, query: {}, bodyHash: hashOfBase64("") };
		const answer = await fetch(new URL(event.rawPath, url), { headers: await sign(dublin, parts) });
		return {
			statusCode: answer.status,
			headers: { "x-heliotrope-region": answer.headers.get("x-heliotrope-region") ?? "" },
			body: await answer.text(),
		};
	});
	edge.records.set(partitionId("acme"), record(virginia));
	const response = await ask("/v1/partitions/acme/items/k", { "x-viewer-region": tokyo });
	expect([response.status, response.headers.get("x-heliotrope-region")]).toEqual([200, dublin]);
	expect(await response.text()).toMatch(/^HELIOTROPE/);
	expect(response.headers.get("x-local-network-ms")).toBe("220");
	expect(edge.clock.running()).toEqual([]);
});

test("a data plane that sleeps lets time pass for its own request", async () => {
	edge = await startEdge(async (_event, _region, call) => {
		await call.activity.sleep(500);
		return { statusCode: 204 };
	});
	const response = await ask("/v1/partitions/p/items/k", { "x-viewer-region": virginia });
	expect([response.status, response.headers.get("x-local-network-ms"), response.headers.get("x-local-elapsed-ms")]).toEqual([
		204,
		"1",
		"501",
	]);
});

test("a request in a chain of the client's own uses it and leaves it running", async () => {
	edge = await startEdge(echo);
	const activity = edge.clock.begin("client");
	const response = await ask("/v1/partitions/p/items/k", { "x-local-activity": activity.id, "x-viewer-region": dublin });
	await response.arrayBuffer();
	expect(edge.clock.running()).toEqual(["client"]);
	activity.end();
});

test("a cut link is a reason to try again; after healing the same request works", async () => {
	edge = await startEdge(echo);
	edge.records.set(partitionId("acme"), record(dublin));
	edge.network.cut(tokyo, dublin, 60_000);
	const headers = { "x-viewer-region": tokyo };
	const cut = await ask("/v1/partitions/acme/items/k", headers);
	expect([cut.status, cut.headers.get("retry-after"), await cut.json()]).toMatchObject([503, "1", { code: "region.unreachable" }]);
	edge.network.heal();
	expect((await ask("/v1/partitions/acme/items/k", headers)).status).toBe(200);
	expect(edge.accesses.map((access) => access["sc-status"])).toEqual(["503", "200"]);
	expect(edge.accesses[0]?.["x-edge-detailed-result-type"]).toBe("OriginConnectError");
});

test("every request leaves an access record from which region and segment can be told", async () => {
	edge = await startEdge(echo);
	const response = await ask("/v1/partitions/acme/items/k?q=1", { "x-viewer-country": "JP", "x-heliotrope-segment": "of fice" });
	const [access] = edge.accesses;
	expect(access).toMatchObject({
		timestamp: "1704067200.000",
		"c-country": "JP",
		"sc-status": "200",
		"cs-method": "GET",
		"cs-uri-stem": "/v1/partitions/acme/items/k?q=1",
		"x-edge-location": tokyo,
		"x-edge-request-id": response.headers.get("x-amz-cf-id"),
		"time-taken": "0.001",
		"x-edge-detailed-result-type": "Miss",
	});
	expect(decodeURIComponent(access?.["cs-headers"] ?? "").split("\n")).toEqual([
		`x-viewer-region:${tokyo}`,
		"x-heliotrope-segment:of fice",
	]);
	expect(toLogLine(access ?? expect.fail()).split("\t")).toHaveLength(REAL_TIME_LOG_FIELDS.length);
});

test.each([
	["/v1/partitions/a%2Fb/items/k", {}, 400, "partition.invalid"],
	["/v1/nothing", {}, 404, "route.not-found"],
	["/elsewhere", {}, 404, "route.not-found"],
	["/v1/partitions/p/items/k", { "x-viewer-country": "XX" }, 400, "viewer.unknown-place"],
	["/v1/partitions/p/items/k", { "x-viewer-region": "atlantis" }, 400, "viewer.unknown-place"],
])("%s with %j is answered by the edge: %i %s", async (path, headers, status, code) => {
	edge = await startEdge(echo);
	const response = await ask(path, headers as Record<string, string>);
	expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
	expect(await response.json()).toMatchObject({ status, code });
});

test("what is too long or too large is refused as CloudFront does", async () => {
	edge = await startEdge(echo);
	const path = "/v1/partitions/p/items/k";
	expect((await ask(`${path}?${"x".repeat(8200)}`)).status).toBe(414);
	expect((await ask(path, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x-${i}`, "y".repeat(900)])))).status).toBe(494);
	const tooLarge = await ask(path, {}, { method: "PUT", body: Buffer.alloc(1024 * 1024 + 1) });
	expect([tooLarge.status, await tooLarge.json()]).toMatchObject([413, { code: "request.too-large" }]);
	expect((await ask(path, {}, { method: "PUT", body: Buffer.alloc(1024 * 1024) })).status).toBe(200);
});

test.each([
	["throws", "LambdaExecutionError", async () => Promise.reject(new Error("broken"))],
	["returns nothing", "LambdaValidationError", async () => null],
	["names an address", "LambdaValidationError", origin({ domainName: "127.0.0.1" })],
	["names a foreign origin", "OriginDnsError", origin({ domainName: "example.localhost" })],
	["sets a forbidden header", "LambdaValidationError", headers({ "x-amz-cf-id": [{ value: "mine" }] })],
	["changes a read-only header", "LambdaValidationError", headers({ "accept-encoding": [{ value: "none" }] })],
	["uses an upper-case key", "LambdaValidationError", headers({ "X-Upper": [{ value: "1" }] })],
	["answers too much", "LambdaValidationError", async () => ({ status: "200", body: "x".repeat(1_100_000) })],
])("an edge function that %s is refused as %s", async (_what, type, routeRequest) => {
	edge = await startEdge(echo, { "route-request": routeRequest });
	const response = await ask("/v1/partitions/p/items/k");
	const { status } = response;
	expect([status, response.headers.get("retry-after"), response.headers.get("x-cache")]).toEqual([503, "1", "Error from cloudfront"]);
	expect(edge.accesses.map((access) => access["x-edge-detailed-result-type"])).toEqual([type]);
});

type Call = { event: unknown };
const requestOf = (call: Call) =>
	(call.event as { Records: [{ cf: { request: { headers: object; origin: { custom: object } } } }] }).Records[0].cf.request;

function origin(change: object) {
	return async (call: Call) => ({ ...requestOf(call), origin: { custom: { ...requestOf(call).origin.custom, ...change } } });
}

function headers(change: object) {
	return async (call: Call) => ({ ...requestOf(call), headers: { ...requestOf(call).headers, ...change } });
}

test("a data plane that answers nonsense, which is Lambda's 502, is a reason to try again", async () => {
	edge = await startEdge(async () => ({ statusCode: "many" }));
	const response = await ask("/v1/partitions/p/items/k");
	expect([response.status, response.headers.get("retry-after"), await response.json()]).toMatchObject([
		503,
		"1",
		{ code: "region.unreachable" },
	]);
});

test("a function URL takes no unsigned call from outside", async () => {
	edge = await startEdge(echo);
	const response = await fetch(`${edge.urls.urlOf(dublin)}/v1/partitions/p/items/k`);
	expect([response.status, await response.json()]).toEqual([403, { Message: "Forbidden" }]);
});

test("a taken port is one clear line", async () => {
	edge = await startEdge(echo);
	const port = Number(new URL(edge.url).port);
	const { clock, network } = edge;
	const again = startFront({
		port,
		clock,
		network,
		lambda: { invoke: () => expect.fail() },
		regions: [dublin],
		origins: {},
		onAccess: () => {},
	});
	await expect(again).rejects.toMatchObject({ code: "startup.port-taken", message: expect.stringMatching(/^port \d+ is taken[^\n]*$/) });
});

test("the edge signs what it sends, and a viewer's own token arrives under another name", async () => {
	edge = await startEdge(echo);
	const response = await ask("/v1/partitions/p/items/k?b=2&a=1+1", { authorization: "Bearer viewer", "x-amz-date": "20000101T000000Z" });
	const event = await eventOf(response);
	expect(response.status).toBe(200);
	expect(accessKeyOf(event)).toMatch(/^HELIOTROPE/);
	expect(event.rawQueryString).toBe("b=2&a=1%201");
	expect(event.headers).toMatchObject({ "x-heliotrope-authorization": "Bearer viewer", "x-heliotrope-partition": "p" });
	expect(event.headers).not.toHaveProperty("authorization");
});

test.each([
	["by somebody else", { secretAccessKey: "other" }],
	["with a key that nobody has", { accessKeyId: "HELIOTROPE999999" }],
	["in a session that ended", { sessionToken: "other" }],
])("a request signed %s is refused at the region's entrance, and the viewer is told to try again", async (_what, spoilt) => {
	edge = await startEdge(echo, {}, (credentials) => ({ ...credentials, ...spoilt }));
	const response = await ask("/v1/partitions/p/items/k", {}, { method: "PUT", body: "x" });
	expect([response.status, response.headers.get("retry-after"), await response.json()]).toMatchObject([
		503,
		"1",
		{ code: "region.refused" },
	]);
	expect(edge.logged.some((line) => line.includes("refused PUT"))).toBe(true);
});

test("a read that any copy may answer is asked of another one when the first is away", async () => {
	edge = await startEdge(echo);
	edge.records.set(partitionId("acme"), record(dublin, { followers: [virginia] }));
	edge.network.cut(tokyo, virginia, 60_000);
	const headers = { "x-viewer-region": tokyo, "x-heliotrope-consistency": "eventual" };
	const read = await ask("/v1/partitions/acme/items/k", headers);
	expect([read.status, read.headers.get("x-heliotrope-region")]).toEqual([200, dublin]);
	const [access, ...others] = edge.accesses;
	expect([access?.["sc-status"], access?.["r-host"], others.length]).toEqual(["200", "data.lambda-url.eu-west-1.localhost", 0]);
});

test("an answer teaches the edge where the partition has gone: nothing is read for it", async () => {
	edge = await startEdge(async (_event, region) => ({
		statusCode: 200,
		headers: {
			"x-heliotrope-region": region,
			"x-heliotrope-request-id": "r-12345678",
			"x-heliotrope-epoch": "2",
			"x-heliotrope-replicas": `${tokyo},${dublin}`,
		},
	}));
	edge.records.set(partitionId("acme"), record(dublin));
	const regionOf = async () => (await ask("/v1/partitions/acme/items/k")).headers.get("x-heliotrope-region");
	expect([await regionOf(), await regionOf(), edge.reads.length]).toEqual([dublin, tokyo, 1]);
});

test("a GET with a body is refused as CloudFront does", async () => {
	edge = await startEdge(echo);
	const { hostname, port } = new URL(edge.url);
	const status = await new Promise((resolve, reject) => {
		const sent = request({ hostname, port, path: "/v1/partitions/p/items/k", headers: { "content-length": 1 } }, (answer) => {
			answer.resume();
			resolve(answer.statusCode);
		});
		sent.on("error", reject).end("x");
	});
	expect(status).toBe(403);
});
