import type { AccessRow } from "#replay/readers/access-row.ts";
import { type SkipCounts, SkipReason } from "#replay/readers/skips.ts";

/** Rows held back to put stragglers in order: about 2 MB. Files up to this length are sorted whole. */
export const REORDER_WINDOW_ROWS = 10_000;

const byTime = (a: AccessRow, b: AccessRow): number => a.tsMs - b.tsMs || a.line - b.line;

/**
 * Puts rows in order of (time, line) with bounded memory: a row may be late by up to `windowRows` rows. What is later than that
 * is skipped as `out-of-order`, since what comes after it was given out already.
 */
export async function* inTimeOrder(
	batches: AsyncIterable<readonly AccessRow[]>,
	skipped: SkipCounts,
	windowRows: number = REORDER_WINDOW_ROWS,
): AsyncGenerator<readonly AccessRow[]> {
	let held: AccessRow[] = [];
	let givenMs = Number.NEGATIVE_INFINITY;
	for await (const batch of batches) {
		for (const row of batch) {
			if (row.tsMs < givenMs) skipped.add(SkipReason.OutOfOrder);
			else held.push(row);
		}
		if (held.length < 2 * windowRows) continue;
		held.sort(byTime);
		const ready = held.slice(0, held.length - windowRows);
		held = held.slice(held.length - windowRows);
		givenMs = ready.at(-1)?.tsMs ?? givenMs;
		yield ready;
	}
	if (held.length > 0) yield held.sort(byTime);
}
