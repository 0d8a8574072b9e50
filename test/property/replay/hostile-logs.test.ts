import { describe, expect, it } from "vitest";
import { isPartitionId } from "#domain/partition/partition-id.ts";
import { decodePartition, encodeName, encodePartition } from "#replay/readers/encode-partition.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { parseTime } from "#replay/readers/parse-time.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { logFiles, readAll } from "#test/unit/replay/readers/log-files.ts";

const { logFile } = logFiles();

const HEADER = "ts,partition,country,count,op,segment,bytes\n";

/** Reads it all, or fails with a LogError of one line. */
async function survives(content: Buffer): Promise<void> {
	try {
		const { rows } = await readAll(logFile(content));
		for (const row of rows) expect(isPartitionId(row.partition)).toBe(true);
	} catch (error) {
		expect(error).toBeInstanceOf(LogError);
		expect((error as LogError).message).not.toMatch(/[\n\r]/);
	}
}

describe("hostile logs", () => {
	it("random bytes never do more than fail in one line", async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (bytes) => survives(Buffer.from(bytes))),
			{ numRuns: 150 },
		);
	});

	it("random text after a good header never does more than fail in one line", async () => {
		const cell = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("1672531200", "JP", '"', "\n", "a/b", "35,139", "\r"));
		await fc.assert(
			fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 30 }), async (rows) =>
				survives(Buffer.from(HEADER + rows.map((row) => row.join(",")).join("\n"))),
			),
			{ numRuns: 150 },
		);
	});

	it("counts or uses every line that is not blank", async () => {
		const line = fc.stringMatching(/^[^\n\r]{1,40}$/);
		await fc.assert(
			fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
				const { rows, skipped } = await readAll(logFile(HEADER + lines.join("\n")));
				const counted = Object.values(skipped).reduce((sum, n) => sum + n, 0);
				expect(rows.length + counted).toBe(lines.length);
			}),
			{ numRuns: 100 },
		);
	});
});

describe("partition names", () => {
	it("come back from their encoding, and no two meet", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
				fc.pre(name.isWellFormed());
				const encoded = encodeName(name);
				expect(decodePartition(encoded)).toBe(name);
				expect(encodePartition(name)).toBe(encoded.length > 128 ? undefined : encoded);
			}),
		);
	});

	it.each([
		["src/mainboard/amd", "src:mainboard:amd"],
		["(root)", "~28root~29"],
		["a:b~c", "a~3Ab~7Ec"],
		["..", "~2E."],
	])("%s is %s", (name, encoded) => expect(encodePartition(name)).toBe(encoded));
});

describe("times", () => {
	it("come back from ISO 8601 and from epochs", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1e12, max: 4e12 }), (ms) => {
				const iso = new Date(ms).toISOString();
				expect(parseTime(iso)).toBe(ms);
				expect(parseTime(iso.replace("T", " ").replace("Z", ""))).toBe(ms);
				expect(parseTime(String(ms))).toBe(ms);
				expect(parseTime(String(ms / 1000))).toBe(ms);
			}),
		);
	});

	it.each([
		["2023-01-01T05:30:00+05:30", Date.UTC(2023, 0)],
		["2023-01-01", Date.UTC(2023, 0)],
		["2023-02-29T00:00:00Z", undefined],
		["2023-13-01T00:00:00Z", undefined],
		["12", undefined],
		["March 7", undefined],
		["", undefined],
	])("%s is %s", (text, ms) => expect(parseTime(text)).toBe(ms));
});
