import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "#cli/program.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";

const VIRGINIA = regionId("us-east-1");
const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");

describe.skipIf(!engineAvailable)("the command line against a running cloud", () => {
	let heliotrope: AdminCloud;

	beforeAll(async () => {
		heliotrope = await AdminCloud.start([VIRGINIA, IRELAND, TOKYO], Date.UTC(2024, 0, 1, 3, 50));
		for (const partition of ["acme", "globex"]) {
			expect((await heliotrope.view(IRELAND, "PUT", `partitions/${partition}/items/k`, "v")).status).toBe(201);
		}
	});
	afterAll(() => heliotrope?.stop());

	/** Waits for what does not know the cloud's time, and lets that time go on meanwhile. */
	async function meanwhile<T>(work: Promise<T>): Promise<T> {
		let busy = true;
		const done = work.finally(() => (busy = false));
		while (busy) await heliotrope.wait(0.1);
		return done;
	}

	/** One command line. */
	async function run(line: string) {
		let [out, err] = ["", ""];
		const words = [...line.split(" "), "--endpoint", heliotrope.cloud.url, "--token", heliotrope.cloud.adminToken];
		const writes = [(text: string) => (err += text), (text: string) => (out += text)] as const;
		const code = await meanwhile(main(words, ...writes));
		return { code, out, err };
	}

	test("moves a partition, watches it to its end, and shows where it is", async () => {
		const dry = await run(`migrations start acme --target ${TOKYO} --dry-run`);
		expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/leader +eu-west-1 -> ap-northeast-1/) });
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

	test("finds no orphan at the run of recovery that also walks the data tables", async () => {
		const walked = await heliotrope.until("orphans", ({ completeAsOf }) => completeAsOf !== undefined, 3600);
		expect(walked).toMatchObject({ orphans: [], skippedRegions: [] });
		expect(String(walked["completeAsOf"])).toMatch(/T04:30:/);
	});

	test("streams what has changed", async () => {
		const headers = { authorization: `Bearer ${heliotrope.cloud.adminToken}`, "last-event-id": String(Date.UTC(2024, 0, 1)) };
		const answer = await meanwhile(fetch(`${heliotrope.cloud.url}/admin/v1/stream`, { headers }));
		expect(answer.headers.get("content-type")).toBe("text/event-stream");
		const text = await answer.text();
		expect(text).toMatch(/^retry: \d+\n\nid: \d+-\d+\nevent: freeze\ndata: \{"global":false/);
		expect(text.match(/^event: migration$/gm)).toHaveLength(2);
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
		expect(heliotrope.cloud.callLog().filter(({ allowed }) => !allowed)).toEqual([]);
	});
});
