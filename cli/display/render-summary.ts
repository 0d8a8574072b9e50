import { formatCount, formatDuration, formatMs, formatShare, plural } from "#cli/display/format.ts";
import type { Report } from "#local/workload/report.ts";

/** The end of a run in plain sentences. Pure. */
export function renderSummary(report: Report): readonly string[] {
	return [
		`${plural(report.rows, "row")} played as ${plural(report.requests, "request")} in ${formatDuration(report.wallSeconds)}; ${skippedOf(report)}.`,
		`${plural(report.errors, "request")} failed, ${plural(report.retries, "retry", "retries")}.`,
		...savingOf(report),
		`${plural(report.decisions, "decision")}; ${plural(report.migrations.started, "move")} begun: ${outcomesOf(report)}.`,
		lossOf(report),
		...unsettledOf(report),
		...report.samples.map((sample) => `  ${sample.replaceAll(/\s+/g, " ")}`),
	];
}

function skippedOf({ rowsSkipped }: Report): string {
	const reasons = Object.entries(rowsSkipped).sort(([, a], [, b]) => b - a);
	if (reasons.length === 0) return "none skipped";
	const total = reasons.reduce((sum, [, n]) => sum + n, 0);
	return `${plural(total, "row")} skipped (${reasons.map(([reason, n]) => `${reason} ${formatCount(n)}`).join(", ")})`;
}

function savingOf({ meanRttMs, staticMeanRttMs, servedNear }: Report): readonly string[] {
	if (meanRttMs === null || staticMeanRttMs === null) return [];
	const near = `${formatShare(servedNear)} of the answers came from the region nearest to the user`;
	return [
		`${near}; the mean round trip was ${formatMs(meanRttMs)}, with static placement it would have been ${formatMs(staticMeanRttMs)}.`,
	];
}

function outcomesOf({ migrations }: Report): string {
	const { completed, cancelled, rolledBack, failed, running } = migrations;
	return `${completed} done, ${cancelled} cancelled, ${rolledBack} rolled back, ${failed} failed, ${running} still running`;
}

function lossOf({ readBack, lostWrites, wrongReads }: Report): string {
	const reads = wrongReads === 0 ? "" : ` ${plural(wrongReads, "read")} during the run did not see the last acknowledged write.`;
	if (lostWrites === 0)
		return `All ${formatCount(readBack.keys)} keys were read back and hold what was acknowledged: no write was lost.${reads}`;
	return `${plural(lostWrites, "write")} of ${formatCount(readBack.keys)} keys read back WERE LOST.${reads}`;
}

function unsettledOf({ settled, migrations }: Report): readonly string[] {
	if (settled) return [];
	return [`${plural(migrations.running, "move")} did not come to an end.`];
}
