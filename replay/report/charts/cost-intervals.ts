import { scaleLinear } from "d3-scale";
import { cssOf } from "#replay/report/charts/policy-style.ts";
import { renderFigure } from "#replay/report/figure.ts";
import { type Html, html } from "#replay/report/html.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";
import { POLICY_ORDER, POLICY_TITLES } from "#replay/result/words.ts";

const SIZE = { width: 720, row: 30, left: 150, right: 20, bottom: 26 };

/** Cost by policy with its interval. */
export function costIntervals({ policies }: ReplayResult): Html | undefined {
	const rows = POLICY_ORDER.flatMap((name) => {
		const policy = policies[name];
		return policy === undefined ? [] : [{ name, policy }];
	});
	if (rows.length === 0) return undefined;
	const height = rows.length * SIZE.row + SIZE.bottom;
	const most = Math.max(1, ...rows.map(({ policy }) => Math.max(policy.costMs, policy.interval[1])));
	const x = scaleLinear([0, most], [SIZE.left, SIZE.width - SIZE.right]).nice();
	const drawing = html`<svg viewBox="0 0 ${SIZE.width} ${height}" role="img" aria-label="Cost and 95 % interval of ${rows.length} policies">
${x.ticks(6).map((tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="4" y2="${height - SIZE.bottom}"/><text class="tick middle" x="${x(tick)}" y="${height - 8}">${tick}</text>`)}
${rows.map(({ name, policy }, index) => {
	const y = index * SIZE.row + SIZE.row / 2 + 2;
	const [low, high] = policy.interval;
	return html`<text class="label end" x="${SIZE.left - 10}" y="${y + 4}">${POLICY_TITLES[name]}</text><line class="${cssOf(name)} whisker" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/><circle class="${cssOf(name)} dot" cx="${x(policy.costMs)}" cy="${y}" r="6"><title>${POLICY_TITLES[name]}: ${policy.costMs.toFixed(1)} ms, ${low.toFixed(1)} to ${high.toFixed(1)}</title></circle>`;
})}
</svg>`;
	return renderFigure({
		title: "Cost and its interval",
		words:
			"Mean round-trip time and the charges for moves and transfers, ms an access, with 95 % intervals from resampling partitions. Policies are compared on the same resamples, which tells smaller differences than these intervals show.",
		drawing,
		table: {
			caption: "Cost, interval and regret by policy, ms an access",
			columns: ["policy", "cost", "95 % from", "to", "regret against the oracle", "share of the oracle's gain"],
			rows: rows.map(({ name, policy: { costMs, interval, regretMs, captureOfOracle } }) => [
				POLICY_TITLES[name],
				...[costMs, ...interval, regretMs].map((value) => value.toFixed(2)),
				captureOfOracle.toFixed(2),
			]),
		},
	});
}
