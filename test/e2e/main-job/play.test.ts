import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { refusedCalls } from "#test/__helpers__/refused-calls.ts";
import { acknowledgedKeys, deleteBehindTheBack } from "#test/e2e/main-job/durable-progress.ts";
import { Fixture, LIMIT, REGIONS, readReport } from "#test/e2e/main-job/fixture.ts";
import { officeLog } from "#test/e2e/main-job/office-log.ts";

/** What others read from a report; fields may be added. */
const PROMISED = [
	...["rows", "rowsSkipped", "requests", "errors", "migrations", "servedByLeaderRegion", "meanRttMs", "staticMeanRttMs"],
	...["decisions", "lostWrites", "wallSeconds", "settings"],
];

/** The tests build on each other: the second run is held against the first, and the third goes on where the second ended. */
describe.skipIf(!engineAvailable)("a recorded log on the local cloud", LIMIT, () => {
	const fixture = new Fixture();
	const log = officeLog();
	const flags = (name: string) => ({ trace: fixture.path("log.csv"), data: fixture.path(name), report: fixture.path(`${name}.json`) });

	beforeAll(() => writeFileSync(fixture.path("log.csv"), log.csv));
	afterAll(() => fixture.dispose());

	test("partitions move to their users, nothing is lost, and everything is reported", async () => {
		const run = fixture.play(flags("first"));
		const exit = await run.exited;
		expect(run.stderr).toContain("no write was lost");
		expect(exit).toEqual({ code: 0, signal: null });
		expect(run.stdout).toBe("");
		expect(await run.left()).toEqual([]);

		const file = flags("first").report;
		expect(existsSync(`${file}.tmp`)).toBe(false);
		for (const field of PROMISED) expect(JSON.parse(readFileSync(file, "utf8"))).toHaveProperty(field);
		const report = readReport(file);
		expect(report).toMatchObject({
			rows: log.rows,
			rowsSkipped: log.rowsSkipped,
			requests: log.requests,
			errors: 0,
			lostWrites: 0,
			wrongReads: 0,
			countTruncated: 0,
			settled: true,
			samples: [],
			readBack: { unreadable: 0, unacknowledged: 0 },
			settings: { speed: "max", seed: 1, regions: REGIONS, controlRegion: REGIONS[0] },
		});
		expect(Object.keys(report.rowsSkipped)).toEqual(Object.keys(log.rowsSkipped).sort());
		const { started, completed, cancelled, rolledBack, failed, running } = report.migrations;
		expect(completed).toBeGreaterThanOrEqual(log.movers.length);
		expect(started).toBe(completed);
		expect([cancelled, rolledBack, failed, running]).toEqual([0, 0, 0, 0]);
		expect(report.decisions).toBeGreaterThan(completed);
		expect(report.meanRttMs).toBeLessThan(0.6 * Number(report.staticMeanRttMs));
		expect(report.servedByLeaderRegion).toBeGreaterThan(0.9);
		expect(Object.keys(report.servedByRegion).sort()).toEqual([...REGIONS].sort());
		expect(refusedCalls(flags("first").data)).toEqual([]);
	});

	test("the same seed gives the same decisions and migrations", async () => {
		const run = fixture.play(flags("second"));
		expect(await run.exited).toEqual({ code: 0, signal: null });
		const [first, second] = [readReport(flags("first").report), readReport(flags("second").report)];
		expect(second.migrations).toEqual(first.migrations);
		expect([second.decisions, second.decisionsDigest]).toEqual([first.decisions, first.decisionsDigest]);
		expect({ ...second, wallSeconds: 0 }).toEqual({ ...first, wallSeconds: 0 });
	});

	test("a write that is gone is noticed", async () => {
		const [partition = ""] = log.movers;
		const [key = ""] = acknowledgedKeys(flags("second").data, partition);
		expect(deleteBehindTheBack(flags("second").data, partition, key)).toBe(1);
		const run = fixture.play(flags("second"));
		expect(await run.exited).toEqual({ code: 1, signal: null });
		const report = readReport(flags("second").report);
		expect(report).toMatchObject({ rows: log.rows, requests: log.requests, errors: 0, lostWrites: 1 });
		expect(report.samples).toEqual([expect.stringContaining(`${partition}/${key}`)]);
		expect(run.stderr).not.toContain("no write was lost");
		expect(await run.left()).toEqual([]);
	});
});
