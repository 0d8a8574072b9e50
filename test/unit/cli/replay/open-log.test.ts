import { describe, expect, it } from "vitest";
import { parseLogOptions } from "#cli/replay/log-options.ts";
import { openLog } from "#cli/replay/open-log.ts";
import { REORDER_WINDOW_ROWS } from "#replay/readers/reorder.ts";
import { logFiles } from "#test/unit/replay/readers/log-files.ts";

const { logFile } = logFiles();
const HOUR_MS = 3_600_000;
const ROWS = 6 * REORDER_WINDOW_ROWS;

/** Reads a log to its end, as replay, train and evaluate do. */
async function read(hours: readonly number[]): Promise<number> {
	const text = ["ts,partition,country", ...hours.map((hour) => `${Date.UTC(2020, 0) + hour * HOUR_MS},acme,DE`)].join("\n");
	const { pass, finish } = openLog(parseLogOptions({ trace: [logFile(text)] }), Date.UTC(2030, 0));
	let rows = 0;
	for await (const batch of pass.batches) rows += batch.length;
	finish(rows);
	return rows;
}

const sorted = Array.from({ length: ROWS }, (_, hour) => hour);

describe("a log that is opened", () => {
	it.each([
		["shuffled", sorted.map((hour) => (hour * 7_919) % ROWS)],
		["in descending order", sorted.toReversed()],
	])("is refused where it is %s, rather than read in part", async (_, hours) => {
		await expect(read(hours)).rejects.toThrow(/is not sorted by time \(\d+ of 60000 rows come too late .*\); sort its rows by time/);
	});

	it("may have rows that are somewhat late", async () => {
		expect(await read(sorted.map((hour) => hour ^ 1))).toBe(ROWS);
	});
});
