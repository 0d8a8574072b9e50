import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiClient } from "#conformance/http-client.ts";
import { runConformance } from "#conformance/run-conformance.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { HttpAnswer } from "#local/workload/http-client.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";

const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");
const SESSION = { "x-heliotrope-consistency": "session" };
const EVENTUAL = { "x-heliotrope-consistency": "eventual" };

describe.skipIf(!engineAvailable)("a partition with a standing follower, through the edge of a running cloud", () => {
	let cloud: AdminCloud;
	const item = (from: RegionId, method: string, key: string, headers: Record<string, string>, body = ""): Promise<HttpAnswer> =>
		cloud.view(from, method, `partitions/acme/items/${key}`, body, headers);
	const list = (from: RegionId, headers: Record<string, string>) => cloud.view(from, "GET", "partitions/acme/items", "", headers);
	const inSession = (answer: HttpAnswer) => ({ ...SESSION, "x-heliotrope-session": String(answer.headers["x-heliotrope-session"]) });
	const servedAt = (answer: HttpAnswer) => answer.headers["x-heliotrope-region"];

	beforeAll(async () => {
		cloud = await AdminCloud.start([IRELAND, TOKYO], Date.UTC(2024, 0, 1, 9, 30));
		expect((await item(IRELAND, "PUT", "k", {}, "v1")).status).toBe(201);
		const { status, body } = await cloud.admin("POST", "partitions/acme/migrations", { actions: [{ addFollower: TOKYO }] });
		expect([status, body["code"]]).toEqual([202, undefined]);
		await cloud.until(`migrations/${String(body["migrationId"])}`, ({ state }) => state !== "running", 3600);
		// Edges keep a route for half a minute.
		await cloud.wait(31);
		expect((await cloud.admin("GET", "partitions/acme")).body).toMatchObject({ leader: IRELAND, followers: [TOKYO], phase: "active" });
	});
	afterAll(() => cloud?.stop());

	test("keeps every promise of the data API that can be looked at from outside", async () => {
		const baseUrl = new URL(cloud.cloud.url);
		const send = createApiClient(baseUrl, { "x-local-activity": cloud.activityId, "x-viewer-region": TOKYO });
		const findings = await runConformance({ baseUrl, send, partition: "acme-conformance" });
		expect(findings.filter(({ problem }) => problem !== undefined)).toEqual([]);
	});

	test("serves a session near its viewer, which reads what it wrote and never goes back", async () => {
		expect(servedAt(await item(TOKYO, "GET", "k", SESSION))).toBe(TOKYO);
		const written = await item(TOKYO, "PUT", "k", SESSION, "v2");
		expect([written.status, servedAt(written)]).toEqual([200, IRELAND]);
		const soon = await item(TOKYO, "GET", "k", inSession(written));
		expect([soon.body.toString(), servedAt(soon)]).toEqual(["v2", IRELAND]);
		await cloud.wait(5);
		const later = await item(TOKYO, "GET", "k", inSession(soon));
		expect([later.body.toString(), servedAt(later), later.headers.etag]).toEqual(["v2", TOKYO, written.headers.etag]);
	});

	test("serves eventual reads and lists near their viewer, and says how old they may be", async () => {
		for (let n = 0; n < 12; n += 1) await item(IRELAND, "PUT", `n${n}`, {}, "v");
		await cloud.wait(5);
		for (const read of [
			await item(TOKYO, "GET", "n3", EVENTUAL),
			await item(TOKYO, "GET", "none", EVENTUAL),
			await list(TOKYO, EVENTUAL),
		]) {
			expect(servedAt(read)).toBe(TOKYO);
			expect(Number(read.headers["x-heliotrope-staleness-ms"])).toBeGreaterThanOrEqual(5_000);
			expect(Number(read.headers["x-heliotrope-staleness-ms"])).toBeLessThan(20_000);
		}
		expect(JSON.parse((await list(TOKYO, EVENTUAL)).body.toString()).items).toHaveLength(13);
		expect(servedAt(await list(TOKYO, SESSION))).toBe(IRELAND);
		expect(servedAt(await item(TOKYO, "GET", "n3", {}))).toBe(IRELAND);
	});

	test("refuses a consistency that does not exist", async () => {
		const refused = await item(TOKYO, "GET", "k", { "x-heliotrope-consistency": "strong" });
		expect([refused.status, JSON.parse(refused.body.toString()).code]).toEqual([400, "consistency.invalid"]);
	});

	test("in all of this no function has done what its permissions do not say", () => {
		const calls = cloud.cloud.callLog();
		expect(new Set(calls.map(({ caller }) => caller))).toContain("carry-stream");
		expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
	});
});
