import { renderTextTable } from "#cli/replay/text-table.ts";
import type { Scores, WindowScore } from "#domain/prediction/training/evaluation.ts";

const WIDTH = 100;

interface Row {
	readonly window: string;
	readonly name: string;
	readonly score: WindowScore;
}

/** Forecasters beside each other, by window. Pure. */
export function renderScores(forecasters: readonly (readonly [string, Scores])[]): readonly string[] {
	const windows = [...new Set(forecasters.flatMap(([, scores]) => Object.keys(scores)))].sort((a, b) => Number(a) - Number(b));
	const rows = windows.flatMap((window) =>
		forecasters.flatMap(([name, scores]): readonly Row[] => {
			const score = scores[window];
			return score === undefined ? [] : [{ window: `${window}h`, name, score }];
		}),
	);
	return renderTextTable<Row>(
		[
			{ title: "window", left: true, cell: ({ window }) => window },
			{ title: "forecaster", left: true, cell: ({ name }) => name },
			{ title: "log-loss", cell: ({ score }) => score.logLoss.toFixed(3) },
			{ title: "Brier", cell: ({ score }) => score.brier.toFixed(3) },
			{ title: "calibration error", cell: ({ score }) => score.ece.toFixed(3) },
			{ title: "decisions ms", cell: ({ score }) => score.decisionMs.toFixed(1) },
			{ title: "windows", cell: ({ score }) => score.windows.toLocaleString("en-US") },
		],
		rows,
		WIDTH,
	);
}
