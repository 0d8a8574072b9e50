import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { LogError } from "#replay/readers/log-error.ts";
import { surveyLog } from "#replay/readers/survey.ts";
import { locate, logFiles, readAll } from "#test/unit/replay/readers/log-files.ts";

const { logFile } = logFiles();

const HEADER = "ts,partition,country,count\n";
const GOOD = `${HEADER}2023-01-01T00:00:00Z,acme/eu,JP,2\n2023-01-01T00:00:01Z,acme/us,JP,\n`;

async function errorOf(file: string): Promise<LogError> {
	try {
		await surveyLog({ file, locate });
	} catch (error) {
		if (error instanceof LogError) return error;
		throw error;
	}
	throw new Error("expected a LogError");
}

describe("reading a log", () => {
	it("reads plain and gzip alike, whatever the name", async () => {
		const plain = await readAll(logFile(GOOD));
		expect(plain.rows).toEqual([
			{ tsMs: Date.UTC(2023, 0), partition: "acme:eu", region: "ap-northeast-1", count: 2, line: 2 },
			{ tsMs: Date.UTC(2023, 0) + 1000, partition: "acme:us", region: "ap-northeast-1", count: 1, line: 3 },
		]);
		expect(await readAll(logFile(gzipSync(GOOD)))).toEqual(plain);
	});

	it("reads a byte order mark, CRLF, quotes and extra columns", async () => {
		const text = '\uFEFF"ts",partition,extra,region,op,segment,bytes\r\n1672531200,"a,""b""",x,eu-west-1,READ,Pro Plan,10\r\n';
		const { rows } = await readAll(logFile(text));
		expect(rows).toEqual([
			{
				tsMs: Date.UTC(2023, 0),
				partition: "a~2C~22b~22",
				region: "eu-west-1",
				count: 1,
				op: "read",
				segment: "Pro~20Plan",
				bytes: 10,
				line: 2,
			},
		]);
	});

	it("counts every row that it cannot use by its reason", async () => {
		const rows = [
			"yesterday,p,JP,1",
			"2023-02-30T00:00:00Z,p,JP,1",
			"2023-01-01T00:00:00Z,,JP,1",
			`2023-01-01T00:00:00Z,${"p".repeat(129)},JP,1`,
			"2023-01-01T00:00:00Z,p,ZZ,1",
			"2023-01-01T00:00:00Z,p,Atlantis,1",
			"2023-01-01T00:00:00Z,p,,1",
			"2023-01-01T00:00:00Z,p,UTC+00:00,1",
			"2023-01-01T00:00:00Z,p,UTC+55:00,1",
			"2023-01-01T00:00:00Z,p,JP,-1",
			"2023-01-01T00:00:00Z,p,JP,zero",
			"2023-01-01T00:00:00Z,p,JP",
			'2023-01-01T00:00:00Z,"p,JP,1',
			"2024-01-01T00:00:00Z,p,JP,1",
			"2023-06-01T00:00:00Z,p,JP,1",
		];
		const result = await readAll(logFile(HEADER + rows.join("\n")), { fromMs: Date.UTC(2023, 0), toMs: Date.UTC(2024, 0) });
		expect(result.rows.map((row) => row.line)).toEqual([16]);
		expect(result.skipped).toEqual({
			"ambiguous-tz": 1,
			"bad-count": 2,
			"bad-tz": 1,
			"bad-row": 2,
			"bad-time": 2,
			"no-geography": 1,
			"no-partition": 1,
			"out-of-range": 1,
			"partition-too-long": 1,
			"unknown-country": 2,
		});
	});

	it("prefers tz_offset_min to the UTC text beside it and reads coordinates in the country column", async () => {
		const rows = [
			"1672531200,p,UTC+05:30,540",
			"1672531200,p,UTC-08:00,",
			'1672531200000,p,"35.6, 139.7",',
			"1672531200,p,ZZ,-300",
			"1690000000,p,UTC+01:00,60",
		];
		const { rows: read } = await readAll(logFile(`ts,partition,country_or_latlon,tz_offset_min\n${rows.join("\n")}`));
		expect(read.map((row) => row.region)).toEqual(["ap-northeast-1", "us-west-2", "ap-northeast-1", "us-east-1", "eu-west-1"]);
	});

	it("passes over a 160 MB line with flat memory", async () => {
		const part = gzipSync(Buffer.alloc(16 << 20, "x"), { level: 1 });
		const long = Array.from({ length: 10 }, () => part);
		const file = logFile(Buffer.concat([gzipSync(GOOD), ...long, gzipSync("\n2023-01-01T00:00:02Z,after,JP,1\n")]));
		const before = process.memoryUsage();
		let peak = 0;
		const { rows, skipped } = await readAll(file, {
			locate: (viewer) => {
				const now = process.memoryUsage();
				peak = Math.max(peak, now.external + now.heapUsed - before.external - before.heapUsed);
				return locate(viewer);
			},
		});
		expect(skipped).toEqual({ "line-too-long": 1 });
		expect(rows.map((row) => [row.partition, row.line])).toEqual([
			["acme:eu", 2],
			["acme:us", 3],
			["after", 5],
		]);
		// what is read and dropped is collected in steps of up to 64 MB
		expect(peak).toBeLessThan(90 << 20);
	});
});

describe("a log that cannot be used", () => {
	const cut = gzipSync(Buffer.from(GOOD.repeat(500))).subarray(0, 60);
	const damaged = gzipSync(Buffer.from(GOOD));
	damaged.fill(0xff, 12, 30);
	it.each([
		["no file", "/nowhere/log.csv", "log.missing", /no such file/],
		["a device", "/dev/null", "log.unreadable", /not a regular file/],
		["an empty file", "", "log.empty", /empty/],
		["an empty gzip", gzipSync(""), "log.empty", /no text/],
		["no header", "2023-01-01T00:00:00Z,acme,JP,1\n", "log.bad-header", /missing: ts, partition, a geography/],
		["a header without geography", "ts,partition,count\n1,2,3\n", "log.bad-header", /missing: a geography/],
		["a header only", HEADER, "log.no-usable-row", /no row/],
		["no usable row", `${HEADER}x,y,JP,1\nx,y,JP,1\n`, "log.no-usable-row", /all 2 were skipped \(bad-time 2\)/],
		[
			"times in microseconds",
			`${HEADER}1700000000000000,y,JP,1\n`,
			"log.no-usable-row",
			/\(time-in-us-or-ns 1\); epochs are read in seconds or milliseconds/,
		],
		["times in nanoseconds", `${HEADER}1700000000000000000,y,JP,1\n`, "log.no-usable-row", /time-in-us-or-ns 1/],
		[
			"a JSON array on a line",
			'[{"ts":1700000000,"partition":"y","country":"JP"}]',
			"log.bad-header",
			/is one JSON array; JSON lines are read/,
		],
		[
			"a JSON array on lines",
			'[\n  {"ts":1700000000,"partition":"y","country":"JP"}\n]',
			"log.bad-header",
			/is one JSON array; JSON lines are read/,
		],
		["a cut gzip", cut, "log.corrupt-gzip", /ends too early/],
		["a damaged gzip", damaged, "log.corrupt-gzip", /damaged/],
		["binary", Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)), "log.not-text", /neither UTF-8 text nor Parquet/],
		["one endless line", Buffer.alloc(3 << 20, "a"), "log.no-usable-row", /1 MiB/],
	] as const)("%s", async (_, content, code, message) => {
		const file = typeof content === "string" && content.startsWith("/") ? content : logFile(content);
		const error = await errorOf(file);
		expect(error.code).toBe(code);
		expect(error.message).toMatch(message);
		expect(error.message).toContain(file);
		expect(error.message).not.toContain("\n");
	});

	it("is not sorted by time, beyond what the window can mend", async () => {
		const times = Array.from({ length: 60_000 }, (_, index) => `${1_700_000_000 - index},p,JP,1`);
		expect((await errorOf(logFile(HEADER + times.join("\n")))).code).toBe("log.not-sorted");
	});
});
