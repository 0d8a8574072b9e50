import { formatCount, plural } from "#cli/display/format.ts";
import { describeRows } from "#cli/replay/describe-rows.ts";
import { renderCoverage } from "#cli/replay/render-coverage.ts";
import { renderActivity, renderPolicies } from "#cli/replay/render-policies.ts";
import { renderTextTable, showName, type TextColumn, wrapText } from "#cli/replay/text-table.ts";
import type { ForecastScore } from "#predictor/evaluation/score.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";
import { daysBetween, formatDay } from "#replay/result/words.ts";

/** Who gains and who loses: so many of each. */
const OUTCOMES_SHOWN = 3;

/** A replay's result for a terminal of `width` columns, the sentence last. Pure. */
export function renderReplayResult(result: ReplayResult, width: number): readonly string[] {
	const sections = [
		sayWhat(result, width),
		renderPolicies(result, width),
		forecastTable(result, width),
		renderActivity(result, width),
		outcomes(result, width),
	];
	const shown = sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, ""]);
	return [...shown, ...wrapText(result.verdict, width)];
}

function sayWhat(result: ReplayResult, width: number): readonly string[] {
	const { span, settings, rowsSkipped } = result;
	const lines = [
		`${showName(result.trace, Math.min(60, width - 2))}: ${describeRows(result.rows, rowsSkipped)}`,
		`${plural(result.partitions, "partition")}, ${formatDay(span.fromMs)} to ${formatDay(span.toMs)}; learns until ${formatDay(span.scoredFromMs)}, then ${plural(result.accesses, "access", "accesses")} in ${plural(daysBetween(span.scoredFromMs, span.toMs), "day")} are scored`,
		`${plural(settings.regions.length, "region")}, ${plural(settings.copies, "copy", "copies")}, move ${settings.moveCostMs}, transfer ${settings.transferCostMs} ms·accesses, read share ${settings.readShare}, round-trip times ${settings.rtt}${settings.model === undefined ? "" : `, model ${settings.model.name}`}`,
	];
	return lines.flatMap((line) => wrapText(line, width));
}

const FORECAST_COLUMNS: readonly TextColumn<readonly [string, ForecastScore]>[] = [
	{ title: "forecast", left: true, cell: ([window]) => window },
	{ title: "log-loss", cell: ([, { logLoss }]) => logLoss.toFixed(3) },
	{ title: "Brier", cell: ([, { brier }]) => brier.toFixed(3), giveUp: 1 },
	{ title: "calibration error", cell: ([, { ece }]) => ece.toFixed(3) },
	{ title: "windows", cell: ([, { windows }]) => formatCount(windows), giveUp: 2 },
];

function forecastTable({ forecast }: ReplayResult, width: number): readonly string[] {
	const rows = Object.entries(forecast).sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
	if (rows.length === 0) return [];
	const covered = rows.flatMap(([window, { coverage }]) => (coverage === undefined ? [] : [[window, coverage] as const]));
	return [...renderTextTable(FORECAST_COLUMNS, rows, width), ...renderCoverage(covered, width)];
}

function outcomes(result: ReplayResult, width: number): readonly string[] {
	const winners = result.outcomes.filter(({ gainMs }) => gainMs > 0).slice(0, OUTCOMES_SHOWN);
	const losers = result.outcomes.filter(({ gainMs }) => gainMs < 0).slice(-OUTCOMES_SHOWN);
	const rows = [...winners, ...losers];
	if (rows.length === 0) return [];
	const columns: readonly TextColumn<(typeof rows)[number]>[] = [
		{ title: "partition", left: true, cell: ({ partition }) => showName(partition, Math.max(8, Math.min(40, width - 40))) },
		{ title: "accesses", cell: ({ accesses }) => formatCount(accesses), giveUp: 1 },
		{ title: "gain ms", cell: ({ gainMs }) => `${gainMs > 0 ? "+" : ""}${gainMs.toFixed(1)}` },
	];
	return [
		...wrapText("forecasts against the best reactive rule in hindsight: who gains and who loses", width),
		...renderTextTable(columns, rows, width),
	];
}
