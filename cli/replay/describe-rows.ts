import { formatCount, plural } from "#cli/display/format.ts";

/** `36,271 rows used, 20 skipped: bad-time 12, unknown-country 8`. @param rowsSkipped reason -> rows */
export function describeRows(rows: number, rowsSkipped: Readonly<Record<string, number>>): string {
	const skipped = Object.entries(rowsSkipped).sort(([, a], [, b]) => b - a);
	const total = skipped.reduce((sum, [, n]) => sum + n, 0);
	const reasons =
		total === 0
			? "none skipped"
			: `${formatCount(total)} skipped: ${skipped.map(([reason, n]) => `${reason} ${formatCount(n)}`).join(", ")}`;
	return `${plural(rows, "row")} used, ${reasons}`;
}
