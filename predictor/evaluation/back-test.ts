import type { Evaluation, Scores } from "#domain/prediction/training/evaluation.ts";
import type { LabelledWindow } from "#predictor/evaluation/labelled-windows.ts";
import { Score } from "#predictor/evaluation/score.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import type { Model } from "#predictor/models/model.ts";
import { createModel, type Parameters } from "#predictor/models/registry.ts";

/** Rules that follow what has been seen: where the last accesses came from, and decayed shares at several half-lives. */
const REACTIVE: Readonly<Record<string, Parameters>> = {
	persistence: { model: "persistence", version: 1 },
	"ewma-1d": { model: "ewma", version: 1, halfLife: "1d" },
	"ewma-14d": { model: "ewma", version: 1, halfLife: "14d" },
	"ewma-60d": { model: "ewma", version: 1, halfLife: "60d" },
	"ewma-365d": { model: "ewma", version: 1, halfLife: "365d" },
};

/** Scores a candidate, the model in use and every reactive rule on the same windows; the reactive rule that chose best is named. */
export function backTest(
	windows: Iterable<LabelledWindow>,
	candidate: Model,
	current: ModelArtefact,
	rttMs: readonly (readonly number[])[],
): Pick<Evaluation, "candidate" | "current" | "reactive"> & { readonly baselines: Readonly<Record<string, Scores>> } {
	const inUse = createModel(current.parameters);
	const models = new Map<string, Model>([
		["candidate", candidate],
		["current", inUse],
		...Object.entries(REACTIVE).map(([name, parameters]) => [name, createModel(parameters)] as const),
	]);
	const boards = new Map([...models.keys()].map((name) => [name, new Map<number, Score>()]));
	for (const { windowHours, features, global, outcome } of windows) {
		for (const [name, model] of models) {
			if (model.windowsHours !== undefined && !model.windowsHours.includes(windowHours)) continue;
			const board = boards.get(name);
			const score = board?.get(windowHours) ?? new Score(rttMs);
			board?.set(windowHours, score);
			score.add(model.predict(features, global, windowHours), outcome);
		}
	}
	const scoresOf = (name: string): Scores =>
		Object.fromEntries([...(boards.get(name) ?? [])].map(([window, score]) => [String(window), score.result()]));
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
