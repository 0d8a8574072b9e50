import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { LogWatch } from "#replay/readers/log-watch.ts";
import fc from "#test/__helpers__/fast-check.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2024, 0);
const row = (tsMs: number) => ({ tsMs, partition: partitionId("p"), region: regionId("eu-west-1"), count: 1, line: 1 });

async function watch(times: readonly number[]): Promise<LogWatch> {
	const log = new LogWatch("a.csv", NOW);
	async function* batches() {
		for (const tsMs of times) yield [row(tsMs)];
	}
	const seen: number[] = [];
	for await (const batch of log.over(batches())) seen.push(...batch.map(({ tsMs }) => tsMs));
	expect(seen).toEqual(times);
	return log;
}

describe("a log that passes", () => {
	it("may not hold the future, but for an hour", async () => {
		expect((await watch([NOW, NOW + 3_600_000])).check()).toBeUndefined();
		const late = await watch([NOW, NOW + 3 * DAY_MS]);
		expect(() => late.check()).toThrow(
			/a\.csv: holds 1 rows of the future \(up to 2024-01-04 00:00 UTC, now is 2024-01-01 00:00 UTC\).*--to/,
		);
	});

	it("is told its longest silences, longest first, where they are long for it", async () => {
		const start = NOW - 100 * DAY_MS;
		const silent = [0, 1, 11, 12, 13, 33, 34, 60, 61, 62.5, 100].map((day) => start + day * DAY_MS);
		const lines = (await watch(silent)).warnings();
		expect(lines).toHaveLength(3);
		expect(lines[0]).toMatch(/^no access for 37\.5 days, from 2023-11-24 12:00 UTC to 2024-01-01 00:00 UTC/);
		expect(lines[1]).toMatch(/^no access for 26\.0 days/);
	});

	it("is not warned of where nothing stands out", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 47 }), { maxLength: 60 }), async (hours) => {
				let at = NOW - 400 * DAY_MS;
				const times = hours.map((gap) => (at += gap * 3_600_000));
				expect((await watch(times)).warnings()).toEqual([]);
			}),
			{ numRuns: 30 },
		);
	});
});
