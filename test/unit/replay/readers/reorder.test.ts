import { expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { inTimeOrder } from "#replay/readers/reorder.ts";
import { SkipCounts } from "#replay/readers/skips.ts";
import fc from "#test/__helpers__/fast-check.ts";

const rowAt = (tsMs: number, line: number): AccessRow => ({
	tsMs,
	partition: partitionId("p"),
	region: regionId("eu-west-1"),
	count: 1,
	line,
});

it("gives rows out in order of time, each once or counted as skipped", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.array(fc.nat(50), { maxLength: 9 }), { maxLength: 12 }),
			fc.integer({ min: 1, max: 6 }),
			async (times, window) => {
				let line = 0;
				const batches = times.map((batch) => batch.map((tsMs) => rowAt(tsMs, line++)));
				const skipped = new SkipCounts();
				const out: AccessRow[] = [];
				for await (const batch of inTimeOrder(asAsync(batches), skipped, window)) out.push(...batch);
				expect(out).toEqual(out.toSorted((a, b) => a.tsMs - b.tsMs || a.line - b.line));
				expect(new Set(out).size + skipped.total).toBe(line);
				if (line < 2 * window) expect(skipped.total).toBe(0);
			},
		),
	);
});

async function* asAsync<T>(items: readonly T[]): AsyncGenerator<T> {
	yield* items;
}
