import { formatCount, formatShare } from "#cli/display/format.ts";
import { renderTextTable, wrapText } from "#cli/replay/text-table.ts";
import type { Coverage, CoverageClass } from "#predictor/evaluation/score-volumes.ts";

type Row = CoverageClass & { readonly window: string };

/** How often the numbers of accesses lay inside their 80 % intervals, by window and by how many were expected. Pure. */
export function renderCoverage(covered: readonly (readonly [window: string, Coverage])[], width: number): readonly string[] {
	if (covered.length === 0) return [];
	const rows = covered.flatMap(([window, { windows, share, byExpected }]): readonly Row[] => [
		{ window, from: 0, below: null, windows, share },
		...byExpected.map((one) => ({ window, ...one })),
	]);
	return [
		...wrapText("windows whose number of accesses lay inside its 80 % interval, by how many were expected", width),
		...renderTextTable<Row>(
			[
				{ title: "window", left: true, cell: ({ window }) => window },
				{ title: "expected", left: true, cell: describeExpected },
				{ title: "windows", cell: ({ windows }) => formatCount(windows), giveUp: 1 },
				{ title: "inside", cell: ({ share }) => formatShare(share) },
			],
			rows,
			width,
		),
	];
}

const describeExpected = ({ from, below }: CoverageClass): string =>
	below === null ? (from === 0 ? "all" : `${from} or more`) : `${from} to ${below}`;
