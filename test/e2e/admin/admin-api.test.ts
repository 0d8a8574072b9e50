import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";

const VIRGINIA = regionId("us-east-1");
const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");
const HOUR_SECONDS = 3600;

describe.skipIf(!engineAvailable)("the admin API of a running cloud", () => {
	let heliotrope: AdminCloud;

	beforeAll(async () => {
		heliotrope = await AdminCloud.start([VIRGINIA, IRELAND, TOKYO], Date.UTC(2024, 0, 1, 9, 30));
	});
	afterAll(() => heliotrope?.stop());

	const create = async (partition: string): Promise<void> => {
		expect((await heliotrope.view(IRELAND, "PUT", `partitions/${partition}/items/k`, "v")).status).toBe(201);
	};
	const start = async (partition: string, body: object): Promise<string> => {
		const { status, body: answer } = await heliotrope.admin("POST", `partitions/${partition}/migrations`, body);
		expect(status).toBe(202);
		return `migrations/${String(answer["migrationId"])}`;
	};
	const hasEnded = (migration: Record<string, unknown>): boolean => migration["state"] !== "running";

	test("moves a partition, and no viewer loses what was written", async () => {
		await create("acme");
		const migration = await start("acme", { target: TOKYO, soakSeconds: 5, canary: [{ weight: 0.5, holdSeconds: 2 }] });
		expect((await heliotrope.admin("GET", migration)).body).toMatchObject({ state: "running", partition: "acme" });
		expect((await heliotrope.admin("POST", "partitions/acme/migrations", { target: VIRGINIA })).status).toBe(409);
		expect(await heliotrope.until(migration, hasEnded, HOUR_SECONDS)).toMatchObject({ state: "completed", decision: "committed" });
		expect((await heliotrope.admin("GET", "partitions/acme")).body).toMatchObject({
			leader: TOKYO,
			followers: [],
			epoch: 2,
			phase: "active",
		});
		const { changes } = (await heliotrope.admin("GET", "changes?after=0")).body;
		expect(changes).toContainEqual(expect.objectContaining({ partition: "acme", version: 1, leader: IRELAND }));
		const before = { leader: IRELAND, epoch: 1, phase: "migrating" };
		expect(changes).toContainEqual(expect.objectContaining({ partition: "acme", leader: TOKYO, epoch: 2, phase: "soaking", before }));
		const read = await heliotrope.view(IRELAND, "GET", "partitions/acme/items/k");
		expect([read.status, read.body.toString(), read.headers["x-heliotrope-region"]]).toEqual([200, "v", TOKYO]);
	});

	test("cancels before the decision", async () => {
		await create("globex");
		const migration = await start("globex", { target: TOKYO });
		await heliotrope.until(migration, ({ version }) => version !== undefined, 60);
		expect((await heliotrope.admin("POST", `${migration}/rollback`)).body).toMatchObject({ code: "migration.not-decided" });
		expect((await heliotrope.admin("POST", `${migration}/cancel`)).status).toBe(202);
		expect(await heliotrope.until(migration, hasEnded, HOUR_SECONDS)).toMatchObject({ state: "cancelled" });
		expect((await heliotrope.admin("GET", "partitions/globex")).body).toMatchObject({ leader: IRELAND, followers: [], phase: "active" });
		expect((await heliotrope.admin("POST", `${migration}/cancel`)).body).toMatchObject({ code: "migration.ended" });
	});

	test("rolls back while it soaks", async () => {
		await create("initech");
		const migration = await start("initech", { target: TOKYO, canary: [], soakSeconds: 1800 });
		await heliotrope.until(migration, ({ decision, stage }) => decision === "committed" && stage !== "Cutover", HOUR_SECONDS);
		expect((await heliotrope.admin("POST", `${migration}/cancel`)).body).toMatchObject({ code: "migration.decided" });
		expect((await heliotrope.admin("POST", `${migration}/rollback`)).status).toBe(202);
		expect(await heliotrope.until(migration, hasEnded, HOUR_SECONDS)).toMatchObject({ state: "rolledBack" });
		expect((await heliotrope.admin("GET", "partitions/initech")).body).toMatchObject({ leader: IRELAND, phase: "active", epoch: 3 });
	});

	test("shows forecasts and decisions once accesses have been counted", async () => {
		for (let n = 0; n < 5; n += 1) await heliotrope.view(TOKYO, "PUT", `partitions/globex/items/t${n}`, "v");
		const { body } = await heliotrope.admin("GET", "summary");
		expect(body).toMatchObject({ partitions: 3, migrations: { running: 0, completed: 1, cancelled: 1, rolledBack: 1, failed: 0 } });
		await heliotrope.until("summary", ({ decisions }) => Number(decisions) > 0, 4 * HOUR_SECONDS);
		const decided = await heliotrope.admin("GET", "partitions/globex/decisions");
		expect(decided.body["decisions"]).toContainEqual(expect.objectContaining({ partition: "globex", source: IRELAND }));
		const forecast = await heliotrope.admin("GET", "partitions/globex/prediction");
		expect(forecast.body["predictions"]).toContainEqual(expect.objectContaining({ partition: "globex", windowHours: 168 }));
	});

	test("sets policy and refuses what it forbids", async () => {
		expect((await heliotrope.admin("PATCH", "partitions/globex", { residency: [IRELAND, VIRGINIA], pin: IRELAND })).status).toBe(200);
		expect((await heliotrope.admin("POST", "partitions/globex/migrations", { target: TOKYO })).body).toMatchObject({
			code: "migration.residency",
		});
		expect((await heliotrope.admin("PUT", "freeze", { global: true })).status).toBe(200);
		expect((await heliotrope.admin("POST", "partitions/acme/migrations", { target: IRELAND })).body).toMatchObject({
			code: "migration.frozen",
		});
		expect((await heliotrope.admin("PUT", "freeze", { global: false })).status).toBe(200);
		expect((await heliotrope.admin("POST", "predictions/run")).status).toBe(202);
		expect((await heliotrope.admin("GET", "partitions?home=ap-northeast-1")).body).toMatchObject({ partitions: [{ partition: "acme" }] });
	});

	test("in all of this no function has done what its permissions do not say", () => {
		const calls = heliotrope.cloud.callLog();
		const callers = new Set(calls.map(({ caller }) => caller));
		for (const caller of ["serve-data", "synchronize", "decide-placement", "publish-changes", "administer"])
			expect(callers).toContain(caller);
		expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
	});
});
