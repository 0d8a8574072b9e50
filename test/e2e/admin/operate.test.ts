import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "#cli/program.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";
import { undeclaredCalls } from "#test/e2e/admin/undeclared-calls.ts";

const VIRGINIA = regionId("us-east-1");
const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");

describe.skipIf(!engineAvailable)("the command line against a running cloud", () => {
	let heliotrope: AdminCloud;

	beforeAll(async () => {
		heliotrope = await AdminCloud.start([VIRGINIA, IRELAND, TOKYO], Date.UTC(2024, 0, 1, 9, 30));
		for (const partition of ["acme", "globex"]) {
			expect((await heliotrope.view(IRELAND, "PUT", `partitions/${partition}/items/k`, "v")).status).toBe(201);
		}
	});
	afterAll(() => heliotrope?.stop());

	/** One command line; the cloud's time goes on until it has ended. */
	async function run(line: string) {
		let [out, err, code] = ["", "", -1];
		const done = main(
			[...line.split(" "), "--endpoint", heliotrope.cloud.url, "--token", heliotrope.cloud.adminToken],
			(text) => (err += text),
			(text) => (out += text),
		).then((exitCode) => (code = exitCode));
		let busy = true;
		void done.finally(() => (busy = false));
		while (busy) await heliotrope.wait(0.1);
		await done;
		return { code, out, err };
	}

	test("moves a partition, watches it to its end, and shows where it is", async () => {
		const dry = await run(`migrations start acme --target ${TOKYO} --dry-run`);
		expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/transfer +ap-northeast-1/) });
		const moved = await run(`migrations start acme --target ${TOKYO} --soak-seconds 5 --canary none --watch`);
		expect(moved).toMatchObject({ code: 0, err: "" });
		expect(moved.out).toMatch(/^started \S+\n[\s\S]*completed/);
		expect((await run("partitions list")).out).toMatch(/acme +ap-northeast-1 +- +2 +active/);
		expect(JSON.parse((await run("migrations list --partition acme --json")).out)).toMatchObject({ migrations: [{ state: "completed" }] });
		expect(await run(`migrations start acme --target ${TOKYO}`)).toMatchObject({
			code: 2,
			err: expect.stringMatching(/leads already \(migration.invalid-plan\)\n$/),
		});
	});

	test("a freeze takes back what is under way, at the latest a minute later", async () => {
		const started = JSON.parse((await run(`migrations start globex --target ${TOKYO} --canary 0.5:3000 --json`)).out) as {
			migrationId: string;
		};
		const path = `migrations/${started.migrationId}`;
		await heliotrope.until(path, ({ stage }) => stage === "ShiftTraffic", 600);
		expect((await run(`regions freeze ${TOKYO}`)).out).toMatch(/ap-northeast-1 frozen/);
		const frozenAtMs = heliotrope.cloud.clock.nowMs();
		const ended = await heliotrope.until(path, ({ state }) => state !== "running", 600);
		expect(ended).toMatchObject({ state: "cancelled", reason: expect.stringMatching(/ap-northeast-1 is frozen/) });
		expect(Date.parse(String(ended["endedAt"])) - frozenAtMs).toBeLessThan(120_000);
		expect(await run(`migrations start globex --target ${TOKYO}`)).toMatchObject({
			code: 2,
			err: expect.stringMatching(/migration.frozen/),
		});
		expect((await run("freeze clear")).code).toBe(0);
		expect(await run(`migrations watch ${started.migrationId}`)).toMatchObject({ code: 3 });
	});

	test("shows regions with their health, and walks the data tables for orphans", async () => {
		const regions = await run("regions list");
		expect(regions.out.match(/reachable, \d+ ms/g)).toHaveLength(3);
		expect(await run("partitions orphans --scan")).toMatchObject({ code: 0, out: "none\n", err: "" });
		const { body } = await heliotrope.admin("GET", "orphans");
		// Two partitions in two buckets each, where they lead now and where markers are left.
		expect(body).toMatchObject({ orphans: [], skippedRegions: [] });
		expect(Number(body["buckets"])).toBeGreaterThanOrEqual(4);
		expect(await run(`partitions remove-orphan acme ${TOKYO}`)).toMatchObject({ code: 2, err: expect.stringMatching(/orphan.unknown/) });
		expect(await run("migrations recover")).toMatchObject({ code: 0, out: expect.stringMatching(/open +0/) });
	});

	test("in all of this no function has done what its permissions do not say", () => {
		const { stage, controlRegion } = heliotrope.cloud.deployment;
		expect(undeclaredCalls(heliotrope.cloud.callLog(), stage, controlRegion)).toEqual([]);
	});
});
