import { type Html, html } from "#replay/report/html.ts";
import type { PartitionOutcome, ReplayResult } from "#replay/result/replay-result.ts";

const SHOWN = 20;

/** Who gains and who loses: a bar a partition, to the right for a gain. */
export function partitionOutcomes({ outcomes }: ReplayResult): Html | undefined {
	if (outcomes.length === 0) return undefined;
	const gains = outcomes.filter(({ gainMs }) => gainMs > 0).slice(0, SHOWN);
	const losses = outcomes.filter(({ gainMs }) => gainMs < 0).slice(-SHOWN);
	const most = Math.max(...outcomes.map(({ gainMs }) => Math.abs(gainMs)), Number.MIN_VALUE);
	return html`<p>Cost under the forecasts against the best reactive rule in hindsight, ms an access, charges included. The partitions that gain most and lose most in all their accesses, in that order.</p>
<div class="scroll" role="region" aria-label="Who gains and who loses" tabindex="0"><table class="outcomes">
<caption>Who gains and who loses</caption>
<thead><tr><th scope="col">partition</th><th scope="col">accesses</th><th scope="col">gain, ms</th><th scope="col"><span class="away">as a bar</span></th></tr></thead>
<tbody>${[...gains, ...losses].map((outcome) => renderRow(outcome, most))}</tbody>
</table></div>`;
}

function renderRow({ partition, accesses, gainMs }: PartitionOutcome, most: number): Html {
	const width = (Math.abs(gainMs) / most) * 100;
	const x = gainMs > 0 ? 100 : 100 - width;
	return html`<tr><th scope="row"><bdi>${partition}</bdi></th><td>${accesses.toLocaleString("en-US")}</td><td>${gainMs > 0 ? "+" : ""}${gainMs.toFixed(1)}</td><td class="bar"><svg viewBox="0 0 200 12" width="200" height="12" aria-hidden="true"><line class="grid" x1="100" x2="100" y1="0" y2="12"/><rect class="${gainMs > 0 ? "gain" : "loss"}" x="${x}" y="1" width="${width}" height="10"/></svg></td></tr>`;
}
