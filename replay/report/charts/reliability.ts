import { scaleLinear, scaleSqrt } from "d3-scale";
import type { ForecastScore } from "#predictor/evaluation/score.ts";
import { renderFigure } from "#replay/report/figure.ts";
import { type Html, html } from "#replay/report/html.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";

const SIDE = 220;
const MARGIN = 30;

type Windows = readonly (readonly [string, ForecastScore])[];

/** Forecast probability against what came true, a square a window; nothing where no forecast was made. */
export function reliabilityDiagrams({ forecast }: ReplayResult): Html | undefined {
	const windows: Windows = Object.entries(forecast).sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
	if (windows.length === 0) return undefined;
	return renderFigure({
		title: "Reliability of the forecasts",
		words:
			"Where a forecast gave its most likely region a probability of p, a share of p of the accesses should come from there: circles on the diagonal. Above it the forecasts were too timid, below it too bold. Area is the number of accesses.",
		drawing: html`<div class="multiples">${windows.map(([window, score]) => draw(window, score))}</div>`,
		table: {
			caption: "Reliability by window and bin",
			columns: ["window", "forecast from", "below", "mean forecast", "came true", "accesses"],
			rows: windows.flatMap(([window, { reliability }]) =>
				reliability.map(({ from, below, predicted, observed, weight }) => [
					window,
					percent(from),
					percent(below),
					percent(predicted),
					percent(observed),
					Math.round(weight).toLocaleString("en-US"),
				]),
			),
		},
	});
}

function draw(window: string, { reliability, ece, logLoss, brier, windows }: ForecastScore): Html {
	const x = scaleLinear([0, 1], [MARGIN, SIDE - 8]);
	const y = scaleLinear([0, 1], [SIDE - MARGIN, 8]);
	const radius = scaleSqrt([0, Math.max(1, ...reliability.map(({ weight }) => weight))], [0, 12]);
	const marks = [0, 0.5, 1];
	return html`<div><h4>${window} ahead</h4><svg viewBox="0 0 ${SIDE} ${SIDE}" role="img" aria-label="Reliability of the forecasts ${window} ahead, calibration error ${percent(ece)}">
${marks.map((mark) => html`<line class="grid" x1="${x(mark)}" x2="${x(mark)}" y1="${y(0)}" y2="${y(1)}"/><line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(mark)}" y2="${y(mark)}"/><text class="tick middle" x="${x(mark)}" y="${SIDE - 10}">${percent(mark)}</text><text class="tick end" x="${MARGIN - 4}" y="${y(mark) + 4}">${mark * 100}</text>`)}
<line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>
${reliability.map(({ predicted, observed, weight }) => html`<circle class="c6 area" cx="${x(predicted)}" cy="${y(observed)}" r="${Math.max(1.5, radius(weight))}"><title>forecast ${percent(predicted)}, came true ${percent(observed)}</title></circle>`)}
</svg><p class="small">calibration error ${percent(ece)}, log-loss ${logLoss.toFixed(3)}, Brier ${brier.toFixed(3)}, ${windows.toLocaleString("en-US")} windows</p></div>`;
}

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
