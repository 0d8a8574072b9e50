import type { Evaluation, Scores } from "#domain/prediction/training/evaluation.ts";
import { scoreWindows } from "#predictor/evaluation/score-windows.ts";
import type { OutsideSources } from "#predictor/external/outside.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import type { Model } from "#predictor/models/model.ts";
import { createModel, type Parameters } from "#predictor/models/registry.ts";
import type { TrainingSpan } from "#predictor/training/collect-windows.ts";

/** Rules that follow what has been seen: where the last accesses came from, and decayed shares at several half-lives. */
const REACTIVE: Readonly<Record<string, Parameters>> = {
	persistence: { model: "persistence", version: 1 },
	"ewma-1d": { model: "ewma", version: 1, halfLife: "1d" },
	"ewma-14d": { model: "ewma", version: 1, halfLife: "14d" },
	"ewma-60d": { model: "ewma", version: 1, halfLife: "60d" },
	"ewma-365d": { model: "ewma", version: 1, halfLife: "365d" },
};

export interface BackTestOptions {
	readonly windowsHours: readonly number[];
	readonly span: TrainingSpan;
	/** As for `scoreWindows`. */
	readonly rttMs: Float64Array;
	/** What the candidate and the model in use know besides the accesses. @default nothing */
	readonly outside?: OutsideSources;
	readonly onProgress?: (windowHours: number) => void;
}

/** Scores a candidate, the model in use and every reactive rule on the same windows; the reactive rule that chose best is named. */
export function backTest(
	history: AccessHistory,
	candidate: Model,
	current: ModelArtefact,
	{ windowsHours, span, rttMs, outside, onProgress = () => undefined }: BackTestOptions,
): Pick<Evaluation, "candidate" | "current" | "reactive"> & { readonly baselines: Readonly<Record<string, Scores>> } {
	const models = new Map<string, Model>([
		["candidate", candidate],
		["current", createModel(current.parameters)],
		...Object.entries(REACTIVE).map(([name, parameters]) => [name, createModel(parameters)] as const),
	]);
	const tilted = outside === undefined ? undefined : { sources: outside, models: new Set(["candidate", "current"]) };
	const boards = windowsHours.map((hours) => {
		onProgress(hours);
		const able = new Map([...models].filter(([, { windowsHours: known }]) => known === undefined || known.includes(hours)));
		return [hours, scoreWindows(history, hours, able, span, rttMs, tilted)] as const;
	});
	const scoresOf = (name: string): Scores =>
		Object.fromEntries(
			boards.flatMap(([hours, scores]) => {
				const score = scores.get(name);
				if (score === undefined || score.windows === 0) return [];
				const { windows, logLoss, brier, ece, decisionMs } = score;
				return [[String(hours), { windows, logLoss, brier, ece, decisionMs }]];
			}),
		);
	const baselines = Object.fromEntries(Object.keys(REACTIVE).map((name) => [name, scoresOf(name)]));
	const [best = "persistence"] = Object.keys(baselines).sort((a, b) => meanMs(baselines[a]) - meanMs(baselines[b]));
	return {
		candidate: scoresOf("candidate"),
		current: { name: current.name, scores: scoresOf("current") },
		reactive: { name: best, scores: baselines[best] ?? {} },
		baselines,
	};
}

const meanMs = (scores: Scores = {}): number => {
	const all = Object.values(scores);
	return all.reduce((sum, { decisionMs }) => sum + decisionMs, 0) / Math.max(1, all.length);
};
