import { describe, expect, it } from "vitest";
import { createDisplay } from "#cli/display/display.ts";
import { formatBar, formatDuration } from "#cli/display/format.ts";
import { describeDecision, describeMove, MoveFeed } from "#cli/display/move-feed.ts";
import { renderLive, renderProgress } from "#cli/display/render-live.ts";
import { renderSummary } from "#cli/display/render-summary.ts";
import { PaceMeter, takeSnapshot } from "#cli/display/snapshot.ts";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import { reportFailure } from "#cli/report-failure.ts";
import type { MigrationSummary } from "#local/workload/admin-client.ts";
import { Counter } from "#local/workload/judge.ts";
import type { Report } from "#local/workload/report.ts";
import { LogError } from "#replay/readers/log-error.ts";

const MOVE: MigrationSummary = {
	migrationId: "m1",
	partition: "acme:eu",
	state: "completed",
	source: "us-east-1",
	target: "eu-west-1",
	startedAt: "2023-04-17T06:12:00.000Z",
	decisionId: "d1",
};

const COUNTERS = new Map([
	[Counter.Rows, 2500],
	[Counter.Requests, 2600],
	[Counter.Errors, 1],
	[Counter.Placed, 2599],
	[Counter.ServedNear, 1300],
	[Counter.Measured, 2599],
	[Counter.RttMs, 2599 * 48],
	[Counter.StaticMeasured, 2599],
	[Counter.StaticRttMs, 2599 * 80],
	["rtt:48", 2599],
] as [string, number][]);

const snapshot = (totalRows: number | undefined) =>
	takeSnapshot(
		{
			name: "a.csv",
			url: "http://127.0.0.1:4600",
			regions: 9,
			nowMs: Date.UTC(2023, 3, 17, 6, 12),
			speed: Number.POSITIVE_INFINITY,
			activity: "playing",
			totalRows,
			summary: { partitions: 3, decisions: 3412, migrations: { running: 2, completed: 41, cancelled: 1, rolledBack: 0, failed: 0 } },
			moves: [describeMove(MOVE, "saves 62 ms x 41/day")],
		},
		COUNTERS,
		{ rowsPerSecond: 100, requestsPerSecond: 104 },
	);

describe("the live view", () => {
	it("says where the run is and what it brought", () => {
		expect(renderLive(snapshot(10_000), { width: 130, colour: false })).toEqual([
			"2023-04-17 06:12 UTC   playing   as fast as it goes",
			"██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 2,500 of 10,000 rows (25.0 %, 75 s left)",
			"104 requests/s, 1 errors, 0 retries",
			"50.0 % served near, mean round trip 48.0 ms, static placement 80.0 ms (-40.0 %)",
			"moves: 44 begun, 41 done, 1 cancelled; 3,412 decisions",
			"  2023-04-17 06:12 acme:eu moved us-east-1 -> eu-west-1: saves 62 ms x 41/day",
		]);
	});

	it("fits the terminal and keeps colour out of the text", () => {
		for (const line of renderLive(snapshot(10_000), { width: 40, colour: false })) expect(line.length).toBeLessThanOrEqual(40);
		const [plain, coloured] = [false, true].map((colour) => renderLive(snapshot(10_000), { width: 80, colour }).join("\n"));
		expect(coloured).toContain("\u001b[");
		// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
		expect(coloured?.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
	});

	it("is one line for a pipe, without a total for an endless world", () => {
		expect(renderProgress(snapshot(undefined))).toContain("2,500 accesses");
		expect(renderProgress(snapshot(10_000))).not.toContain("\n");
	});

	it("draws over itself on a terminal and writes lines elsewhere", () => {
		const written: string[] = [];
		const out = { columns: 100, isTTY: true, write: (text: string) => written.push(text) > 0 };
		const display = createDisplay(false, out, out, { NO_COLOR: "1" });
		display.start(() => snapshot(10_000));
		display.stop();
		display.say("the end");
		expect(written.join("")).toMatch(/acme:eu moved .*\nthe end\n$/);
		written.length = 0;
		createDisplay(true, { write: () => expect.fail("stdout is quiet") }, out, {}).say("up");
		expect(written).toEqual(["up\n"]);
	});
});

describe("a terminal that states no width", () => {
	it.each([{ columns: 0 }, {}])("is taken for one of 80 columns: %j", (size) => {
		const written: string[] = [];
		const out = { ...size, isTTY: true, write: (text: string) => written.push(text) > 0 };
		const display = createDisplay(false, out, out, { NO_COLOR: "1" });
		display.start(() => snapshot(10_000));
		display.stop();
		expect(written.join("")).toBe(`${renderLive(snapshot(10_000), { width: 80, colour: false }).join("\n")}\n`);
		written.length = 0;
		new ProgressLine(out).show("reading", undefined);
		expect(written.join("")).toBe("\r\u001b[Kreading, 0 s");
	});
});

describe("moves in words", () => {
	it("tells what a move saves", async () => {
		const decisions = [{ decisionId: "d1", savingMs: 62.4, forecast: { windowHours: 168, expectedAccesses: 287 } }];
		const admin = {
			async *migrations(state: string) {
				if (state === "completed") yield MOVE;
			},
			get: async () => ({ decisions }),
		};
		expect(await new MoveFeed(admin).latest()).toEqual(["2023-04-17 06:12 acme:eu moved us-east-1 -> eu-west-1: saves 62 ms x 41/day"]);
		expect(describeDecision({ decisionId: "d2", reason: "pin" })).toBe("pin");
		expect(describeMove({ ...MOVE, state: "running", stage: "Verify" }, "")).toContain("is moving us-east-1 -> eu-west-1 [Verify]");
	});
});

describe("the end of a run", () => {
	const report: Report = {
		rows: 100,
		rowsSkipped: { "bad-time": 1, "ambiguous-tz": 2000 },
		requests: 120,
		errors: 0,
		migrations: { started: 3, completed: 2, cancelled: 1, rolledBack: 0, failed: 0, running: 0, digest: "" },
		servedByLeaderRegion: 1,
		servedNear: 0.5,
		servedByRegion: {},
		meanRttMs: 40,
		p50RttMs: 1,
		p95RttMs: 80,
		staticMeanRttMs: 60,
		meanElapsedMs: 41,
		decisions: 7,
		decisionsDigest: "",
		lostWrites: 0,
		wrongReads: 0,
		retries: 1,
		countTruncated: 0,
		readBack: { keys: 30, unreadable: 0, unacknowledged: 0 },
		settled: true,
		wallSeconds: 12,
		settings: {},
		samples: [],
	};

	it("is told in sentences", () => {
		const text = renderSummary(report).join("\n");
		expect(text).toContain("100 rows played as 120 requests in 12 s; 2,001 rows skipped (ambiguous-tz 2,000, bad-time 1).");
		expect(text).toContain("no write was lost");
		expect(renderSummary({ ...report, lostWrites: 2 }).join("\n")).toContain("2 writes of 30 keys read back WERE LOST");
	});
});

describe("a failure", () => {
	const told = (error: unknown): { code: number; text: string; logged: unknown } => {
		let text = "";
		let logged: unknown;
		const log = { path: "/data/heliotrope.log", writeError: (value: unknown) => (logged = value) };
		const code = reportFailure(error, log, (line) => {
			text += line;
		});
		return { code, text, logged };
	};

	it("that the user can put right is one line and 2", () => {
		expect(told(new LogError("log.empty", "a.csv", "the file\nis empty"))).toEqual({
			code: 2,
			text: "heliotrope: a.csv: the file is empty\n",
			logged: undefined,
		});
	});

	it("that nobody expected is one line without a stack and 1, and goes to the log", () => {
		const error = new Error("x is not\na function");
		const { code, text, logged } = told(error);
		expect([code, logged]).toEqual([1, error]);
		expect(text).toBe("heliotrope: something unexpected happened: x is not a function; the details are in /data/heliotrope.log\n");
	});
});

describe("figures", () => {
	it("are short", () => {
		expect([0, 89, 200, 7500].map(formatDuration)).toEqual(["0 s", "89 s", "3 min", "2 h 05 min"]);
		expect([formatBar(-1, 4), formatBar(0.5, 4), formatBar(7, 4)]).toEqual(["░░░░", "██░░", "████"]);
	});

	it("follow the pace of the last seconds", () => {
		const meter = new PaceMeter();
		expect(meter.read(0, new Map())).toEqual({ rowsPerSecond: 0, requestsPerSecond: 0 });
		expect(meter.read(2000, new Map([[Counter.Rows, 10] as [string, number]])).rowsPerSecond).toBe(5);
		for (let second = 3; second < 40; second += 1) meter.read(second * 1000, new Map([[Counter.Rows, 10] as [string, number]]));
		expect(meter.read(40_000, new Map([[Counter.Rows, 10] as [string, number]])).rowsPerSecond).toBe(0);
	});
});
