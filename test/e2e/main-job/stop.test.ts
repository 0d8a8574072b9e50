import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { requestsBegun } from "#test/e2e/main-job/durable-progress.ts";
import { Fixture, LIMIT, readReport } from "#test/e2e/main-job/fixture.ts";
import { officeLog } from "#test/e2e/main-job/office-log.ts";

describe.skipIf(!engineAvailable)("stopping", LIMIT, () => {
	const fixture = new Fixture();
	const log = officeLog();
	const flags = { trace: fixture.path("log.csv"), data: fixture.path("data"), report: fixture.path("out.json"), to: "2024-03-05" };

	beforeAll(() => writeFileSync(flags.trace, log.csv));
	afterAll(() => fixture.dispose());

	test("SIGTERM ends a run before its end, cleanly, and the same command goes on", async () => {
		const cut = fixture.play(flags);
		await cut.up();
		await cut.until("some requests were played", () => requestsBegun(flags.data) >= 2);
		cut.signal("SIGTERM");
		expect(await cut.exited).toEqual({ code: 143, signal: null });
		expect(cut.stderr).toContain("before the end of the workload; the same command with the same --data resumes it");
		expect(cut.stderr).not.toContain("unexpected");
		expect(existsSync(flags.report)).toBe(false);
		expect(await cut.left()).toEqual([]);

		const resumed = fixture.play(flags);
		expect(await resumed.exited).toEqual({ code: 0, signal: null });
		expect(readReport(flags.report)).toMatchObject({ rows: log.rowsBefore(flags.to), errors: 0, lostWrites: 0, settled: true });
	});

	test("Ctrl-C reaches every process, and from npm the first one twice: an idle cloud ends cleanly", async () => {
		const cloud = fixture.start(["--idle"]);
		const url = await cloud.up();
		// whoever is on the machine may do everything: so nobody else gets there, and it says so
		expect((await fetch(url)).status).toBe(404);
		await expect(fetch(url.replace("127.0.0.1", "127.0.0.2"))).rejects.toThrow("fetch failed");
		cloud.signalTree("SIGINT");
		await pause(5);
		cloud.signal("SIGINT");
		expect(await cloud.exited).toEqual({ code: 0, signal: null });
		// only now: what is said comes line by line
		expect(cloud.stderr).toContain(
			"access control is off: whoever is on this machine may read and write; only the loopback interface listens",
		);
		expect(cloud.stderr).not.toContain("unexpected");
		expect(await cloud.left()).toEqual([]);
	});

	test("SIGTERM to npm alone ends an idle cloud cleanly", async () => {
		const npm = fixture.npmStart(["--idle"]);
		await npm.up();
		npm.signal("SIGTERM");
		expect(await npm.exited).toEqual({ code: 0, signal: null });
		expect(npm.stderr).toContain("stopping");
		expect(await npm.left()).toEqual([]);
	});

	test("SIGTERM while it starts ends it as well", async () => {
		const cloud = fixture.start(["--idle", "--data", fixture.path("early")]);
		await cloud.until("it had made its data directory", () => existsSync(fixture.path("early")));
		cloud.signal("SIGTERM");
		expect(await cloud.exited).toEqual({ code: 0, signal: null });
		expect(await cloud.left()).toEqual([]);
	});
});
