import { scaleLinear, scalePoint } from "d3-scale";
import { line } from "d3-shape";
import { cssOf, dashOf, renderLegend } from "#replay/report/charts/policy-style.ts";
import { type DataTable, renderFigure } from "#replay/report/figure.ts";
import { type Html, html } from "#replay/report/html.ts";
import type { MonthResult, PolicyName, ReplayResult } from "#replay/result/replay-result.ts";
import { POLICY_ORDER, POLICY_TITLES } from "#replay/result/words.ts";

const SIZE = { width: 720, height: 300, left: 44, right: 12, top: 10, bottom: 26 };
const MAX_MONTH_LABELS = 8;

type Series = readonly (readonly [PolicyName, ReadonlyMap<string, MonthResult>])[];

/** Mean round-trip time by month, a line a policy; nothing where no month was scored. */
export function latencyOverTime({ policies }: ReplayResult): Html | undefined {
	const series: Series = POLICY_ORDER.flatMap((name) => {
		const months = policies[name]?.byMonth ?? [];
		return months.length === 0 ? [] : [[name, new Map(months.map((one) => [one.month, one]))] as const];
	});
	const months = [...new Set(series.flatMap(([, byMonth]) => [...byMonth.keys()]))].sort();
	if (months.length === 0) return undefined;
	return renderFigure({
		title: "Latency over time by policy",
		words: "Mean round-trip time of the accesses of each month, without the charges for moves.",
		drawing: html`${renderLegend(series.map(([name]) => name))}${draw(series, months)}`,
		table: tableOf(series, months),
	});
}

function draw(series: Series, months: readonly string[]): Html {
	const most = Math.max(1, ...series.flatMap(([, byMonth]) => [...byMonth.values()].map(({ meanRttMs }) => meanRttMs)));
	const y = scaleLinear([0, most], [SIZE.height - SIZE.bottom, SIZE.top]).nice();
	const x = scalePoint(months, [SIZE.left, SIZE.width - SIZE.right]).padding(0.5);
	const path = line<string>(
		(month) => x(month) ?? 0,
		(month) => month.length,
	);
	const step = Math.ceil(months.length / MAX_MONTH_LABELS);
	return html`<svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="Line chart of the mean round-trip time by month for ${series.length} policies">
${y.ticks(5).map((tick) => html`<line class="grid" x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick end" x="${SIZE.left - 6}" y="${y(tick) + 4}">${tick}</text>`)}
<text class="tick" x="4" y="${SIZE.height - 6}">ms</text>
${months.map((month, index) => index % step === 0 && html`<text class="tick middle" x="${x(month) ?? 0}" y="${SIZE.height - 6}">${month}</text>`)}
${series.map(([name, byMonth]) => {
	const points = months.filter((month) => byMonth.has(month));
	const place = (month: string): number => y(byMonth.get(month)?.meanRttMs ?? 0);
	const d = points.length > 1 ? (path.y(place)(points) ?? "") : "";
	return html`<path class="${cssOf(name)} line" stroke-dasharray="${dashOf(name)}" d="${d}"><title>${POLICY_TITLES[name]}</title></path>${points.map(
		(month) =>
			html`<circle class="${cssOf(name)} dot" cx="${x(month) ?? 0}" cy="${place(month)}" r="2.5"><title>${POLICY_TITLES[name]}, ${month}: ${ms(byMonth.get(month))} ms</title></circle>`,
	)}`;
})}
</svg>`;
}

const tableOf = (series: Series, months: readonly string[]): DataTable => ({
	caption: "Mean round-trip time in ms by month and policy",
	columns: ["month", "accesses", ...series.map(([name]) => POLICY_TITLES[name])],
	rows: months.map((month) => [
		month,
		(series.map(([, byMonth]) => byMonth.get(month)?.accesses).find((accesses) => accesses !== undefined) ?? 0).toLocaleString("en-US"),
		...series.map(([, byMonth]) => ms(byMonth.get(month))),
	]),
});

const ms = (month: MonthResult | undefined): string => (month === undefined ? "-" : month.meanRttMs.toFixed(1));
