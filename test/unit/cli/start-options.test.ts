import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "#cli/program.ts";
import { readRttFile } from "#cli/read-rtt-file.ts";
import { parseStartOptions, type RawStartOptions } from "#cli/start-options.ts";
import { UsageError } from "#cli/usage-error.ts";

describe("the flags of start", () => {
	it("have defaults by workload", () => {
		expect(parseStartOptions({})).toMatchObject({ workload: "demo", speed: 1440, port: 4600, once: false, seed: 1 });
		expect(parseStartOptions({}).regions).toHaveLength(5);
		expect(parseStartOptions({ trace: "a.csv" })).toMatchObject({ workload: "trace", speed: Number.POSITIVE_INFINITY });
		expect(parseStartOptions({ trace: "a.csv" }).regions).toHaveLength(9);
		expect(parseStartOptions({ idle: true })).toMatchObject({ workload: "idle", speed: 1 });
	});

	it("are read", () => {
		const raw = {
			trace: "a.csv",
			from: "2023-01-01",
			to: "2024-01-01T00:00:00Z",
			speed: "60",
			port: "0",
			regions: "eu-west-1, us-east-1",
			copies: "3",
			follow: "hours",
			minZScore: "1.5",
		};
		expect(parseStartOptions(raw)).toMatchObject({
			fromMs: Date.UTC(2023, 0),
			toMs: Date.UTC(2024, 0),
			speed: 60,
			port: 0,
			copies: 3,
			follow: "hours",
			minZScore: 1.5,
			regions: ["eu-west-1", "us-east-1"],
		});
	});

	it.each<[RawStartOptions, RegExp]>([
		[{ port: "70000" }, /--port takes a whole number from 0 to 65535/],
		[{ port: "-1" }, /--port/],
		[{ copies: "0" }, /at least/],
		[{ follow: "days" }, /--follow "days" is not known; it takes week or hours/],
		[{ minZScore: "sure" }, /--min-z-score takes a number of standard errors, 0 to 10, not "sure"/],
		[{ minZScore: "" }, /--min-z-score/],
		[{ minZScore: "11" }, /0 to 10/],
		[{ minZScore: "-1" }, /0 to 10/],
		[{ copies: "6" }, /--copies takes a whole number from 0 to 5/],
		[{ speed: "0" }, /--speed takes a number from 1/],
		[{ speed: "fast" }, /not "fast"/],
		[{ speed: "" }, /--speed/],
		[{ idle: true, speed: "max" }, /--idle has none/],
		[{ idle: true, trace: "a.csv" }, /leave it or --trace out/],
		[{ idle: true, once: true }, /--once/],
		[{ idle: true, report: "out.json" }, /--report/],
		[{ once: true }, /--once needs an end/],
		[{ from: "yesterday" }, /--from takes a date/],
		[{ from: "2024-01-01", to: "2023-01-01" }, /must be before/],
		[{ regions: "eu-west-1,eu-west-1" }, /names eu-west-1 twice/],
		[{ regions: "europe" }, /"europe" is not a known AWS region/],
		[{ regions: "" }, /is not a known AWS region/],
		[{ seed: "x" }, /--seed/],
		[{ report: "/nowhere/out.json" }, /not a directory that can be written to/],
		[{ report: "/tmp" }, /is a directory/],
	])("%j is refused in one line", (raw, message) => {
		const parse = (): unknown => parseStartOptions(raw);
		expect(parse).toThrow(UsageError);
		expect(parse).toThrow(message);
		expect(parse).not.toThrow(/\n/);
	});
});

describe("the command line", () => {
	it.each([
		[["fly"], /unknown command 'fly'; known: start/],
		[["start", "--warp"], /unknown option '--warp'/],
		[["start", "now"], /too many arguments/],
		[["start", "--port"], /argument missing/],
		[["start", "--port", "x"], /--port takes/],
		[[], /give a command/],
	])("%j exits 2 with one line", async (args, message) => {
		let text = "";
		expect(await main(args, (line) => (text += line))).toBe(2);
		expect(text).toMatch(message);
		expect(text.trimEnd()).not.toContain("\n");
	});
});

describe("a matrix of round-trip times", () => {
	const file = join(tmpdir(), `heliotrope-rtt-${process.pid}.csv`);
	afterAll(() => rmSync(file, { force: true }));
	const read = (text: string): unknown => {
		writeFileSync(file, text);
		return readRttFile(file);
	};

	it("is read", () => expect(read("ms,a,b\na,1,20.5\nb,20.5,1\n")).toEqual({ a: { a: 1, b: 20.5 }, b: { a: 20.5, b: 1 } }));

	it.each(["", "ms,a\n", "ms,a,b\na,1\n", "ms,a\na,far\n", "ms,a\na,-1\n"])("%j is refused", (text) => {
		expect(() => read(text)).toThrow(UsageError);
	});

	it("must be there", () => expect(() => readRttFile("/nowhere")).toThrow(/cannot be read \(ENOENT\)/));
});
