import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";

const VIRGINIA = regionId("us-east-1");
const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");
const LIMIT_SECONDS = 1800;
/** Twelve clients, some of them in the canary's half. */
const CLIENTS = Array.from({ length: 12 }, (_, index) => `client-${index}`);

describe.skipIf(!engineAvailable)("a canary under load on the local cloud", () => {
	let heliotrope: AdminCloud;

	beforeAll(async () => {
		heliotrope = await AdminCloud.start([VIRGINIA, IRELAND, TOKYO], Date.UTC(2024, 0, 1, 9, 31));
	});
	afterAll(() => heliotrope?.stop());

	type Migration = Record<string, unknown>;
	const chaos = async (body: object): Promise<void> => expect((await heliotrope.admin("POST", "chaos", body)).status).toBe(202);

	/** Moves a partition from Ireland to Tokyo while clients read it; `onCanary` runs once the first share of them goes to Tokyo. */
	async function moveUnderLoad(partition: string, onCanary: () => Promise<void>): Promise<Migration> {
		expect((await heliotrope.view(IRELAND, "PUT", `partitions/${partition}/items/k`, "v")).status).toBe(201);
		const started = await heliotrope.admin("POST", `partitions/${partition}/migrations`, {
			target: TOKYO,
			soakSeconds: 5,
			canary: [{ weight: 0.5, holdSeconds: 40 }],
		});
		const path = `migrations/${String(started.body["migrationId"])}`;
		const shifting = await heliotrope.until(path, ({ canary, state }) => canary !== undefined || state !== "running", LIMIT_SECONDS);
		expect(shifting).toMatchObject({ state: "running", stage: "ShiftTraffic" });
		await onCanary();
		for (let round = 0; round < 9; round++) {
			for (const client of CLIENTS)
				await heliotrope.view(IRELAND, "GET", `partitions/${partition}/items/k`, "", { "x-heliotrope-client-id": client });
			await heliotrope.wait(1);
		}
		return heliotrope.until(path, ({ state }) => state !== "running", LIMIT_SECONDS);
	}

	test("whose target does well completes, and the record says what that was judged by", async () => {
		const migration = await moveUnderLoad("fine", async () => {});
		expect(migration).toMatchObject({ state: "completed", judgements: [{ step: 0, verdict: "healthy", errors: 0 }] });
		const [{ requests }] = migration["judgements"] as [{ requests: number }];
		expect(requests).toBeGreaterThanOrEqual(20);
		expect((await heliotrope.admin("GET", "partitions/fine")).body).toMatchObject({ leader: TOKYO, phase: "active" });
	});

	test.each([
		["slow", { action: "slow", from: IRELAND, to: TOKYO, addMs: 1500, seconds: 600 }, /answers took longer than \d+ ms/],
		["failing", { action: "throttle", region: TOKYO, share: 0.95, seconds: 45 }, /requests failed, allowed are/],
	])("whose target is %s is cancelled by itself and leaves nothing behind", async (name, fault, reason) => {
		const migration = await moveUnderLoad(name, () => chaos(fault));
		await chaos({ action: "heal" });
		expect(migration).toMatchObject({ state: "cancelled", decision: "aborted", reason: expect.stringMatching(reason) });
		const { body: record } = await heliotrope.admin("GET", `partitions/${name}`);
		expect(record).toMatchObject({ leader: IRELAND, followers: [], phase: "active", epoch: 2 });
		expect(record).not.toHaveProperty("canary");
		const read = await heliotrope.view(TOKYO, "GET", `partitions/${name}/items/k`);
		expect([read.status, read.body.toString(), read.headers["x-heliotrope-region"]]).toEqual([200, "v", IRELAND]);
	});
});
