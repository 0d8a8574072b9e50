import { LogError } from "#replay/readers/log-error.ts";
import { type SkipCounts, SkipReason } from "#replay/readers/skips.ts";

/** The share of rows too late to be put in order above which a log counts as unsorted: what is left is no picture of it. */
const MAX_OUT_OF_ORDER_SHARE = 0.1;

/** Checks what a whole pass over a log has found. @param rows usable ones @throws LogError where there is none, or too many came out of order */
export function assertUsable(name: string, rows: number, skipped: SkipCounts): void {
	if (rows === 0) throw new LogError("log.no-usable-row", name, describeNone(skipped));
	const late = skipped.of(SkipReason.OutOfOrder);
	if (late <= (rows + late) * MAX_OUT_OF_ORDER_SHARE) return;
	throw new LogError(
		"log.not-sorted",
		name,
		`is not sorted by time (${late} of ${rows + late} rows come too late to be put in order); sort its rows by time, earliest first`,
	);
}

function describeNone(skipped: SkipCounts): string {
	if (skipped.total === 0) return "holds no row";
	const hint = skipped.of(SkipReason.UnknownTimeUnit) > 0 ? "; epochs are read in seconds or milliseconds, give times in one of them" : "";
	return `has no usable row: all ${skipped.total} were skipped (${skipped.describe()})${hint}`;
}
