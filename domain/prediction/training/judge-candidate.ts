import type { Evaluation, Scores, WindowScore } from "#domain/prediction/training/evaluation.ts";

/** Why a candidate is promoted or not. */
export const VerdictReason = {
	Better: "better",
	/** The held-out weeks say too little. */
	TooFewWindows: "too-few-windows",
	NotBetterThanCurrent: "not-better-than-current",
	/** It forecasts better but would be led to slower places. */
	SlowerThanCurrent: "slower-than-current",
	NotBetterThanReactive: "not-better-than-reactive",
	Miscalibrated: "miscalibrated",
	/** Nothing was trained. */
	TooFewAccesses: "too-few-accesses",
	TrainingFailed: "training-failed",
	PromotionFailed: "promotion-failed",
} as const;
export type VerdictReason = (typeof VerdictReason)[keyof typeof VerdictReason];

export interface JudgeSettings {
	/** Windows that must be scored, of all horizons that count together. Default 50. */
	readonly minWindows: number;
	/** Windows of one horizon without which it does not count: it would weigh as much as one with thousands. Default 30. */
	readonly minWindowsEach: number;
	/** Accesses that must be held out. Default 500. */
	readonly minAccesses: number;
	/** By how much the mean log-loss must fall for a change to be worth it. Default 0.001. */
	readonly minLogLossGain: number;
	/** The largest calibration error, unless the model in use has a larger one. Default 0.05. */
	readonly maxEce: number;
	/** How much slower than the model in use decisions may be, as a share: noise of the held-out weeks. Default 0.005. */
	readonly slowerTolerance: number;
}

export const JUDGE_SETTINGS: JudgeSettings = {
	minWindows: 50,
	minWindowsEach: 30,
	minAccesses: 500,
	minLogLossGain: 0.001,
	maxEce: 0.05,
	slowerTolerance: 0.005,
};

export interface Judgement {
	readonly promote: boolean;
	readonly reason: VerdictReason;
	/** One sentence for the operator, with the figures. */
	readonly why: string;
}

/** Decides whether a candidate takes the place of the model in use: only if it wins, against it and against the best reactive rule. */
export function judgeCandidate(evaluation: Evaluation, settings: JudgeSettings = JUDGE_SETTINGS): Judgement {
	const { current, reactive } = evaluation;
	const candidate = Object.fromEntries(
		Object.entries(evaluation.candidate).filter(([, { windows }]) => windows >= settings.minWindowsEach),
	);
	const scored = Object.values(candidate).reduce((sum, { windows }) => sum + windows, 0);
	if (scored < settings.minWindows || evaluation.heldOut.accesses < settings.minAccesses) {
		const found = `${scored} windows in horizons that have enough, with ${evaluation.heldOut.accesses} accesses were held out`;
		return keep(VerdictReason.TooFewWindows, `${found}, ${settings.minWindows} with ${settings.minAccesses} are needed`);
	}
	const shared = Object.keys(candidate).filter((window) => current.scores[window] !== undefined);
	const [ours, theirs] = [meanOf(candidate, shared, "logLoss"), meanOf(current.scores, shared, "logLoss")];
	if (shared.length > 0 && !(ours < theirs - settings.minLogLossGain))
		return keep(VerdictReason.NotBetterThanCurrent, `log-loss ${digits(ours)} against ${digits(theirs)} of ${current.name}, which stays`);
	const [ownMs, currentMs] = [meanOf(candidate, shared, "decisionMs"), meanOf(current.scores, shared, "decisionMs")];
	if (shared.length > 0 && ownMs > currentMs * (1 + settings.slowerTolerance))
		return keep(
			VerdictReason.SlowerThanCurrent,
			`its choices would take ${ms(ownMs)} against ${ms(currentMs)} of ${current.name}, which stays`,
		);
	const windows = Object.keys(candidate).filter((window) => reactive.scores[window] !== undefined);
	const [predictiveMs, reactiveMs] = [meanOf(candidate, windows, "decisionMs"), meanOf(reactive.scores, windows, "decisionMs")];
	if (!(predictiveMs < reactiveMs))
		return keep(
			VerdictReason.NotBetterThanReactive,
			`its choices would take ${ms(predictiveMs)}, those of ${reactive.name} ${ms(reactiveMs)}`,
		);
	const miscalibrated = Object.entries(candidate).find(
		([window, { ece }]) => ece > Math.max(settings.maxEce, current.scores[window]?.ece ?? 0),
	);
	if (miscalibrated !== undefined)
		return keep(VerdictReason.Miscalibrated, `its calibration error at ${miscalibrated[0]} h is ${digits(miscalibrated[1].ece)}`);
	const against = shared.length > 0 ? ` (${digits(theirs)} of ${current.name})` : "";
	const why = `log-loss ${digits(ours)}${against}; its choices take ${ms(predictiveMs)}, those of ${reactive.name} ${ms(reactiveMs)}`;
	return { promote: true, reason: VerdictReason.Better, why };
}

const keep = (reason: VerdictReason, why: string): Judgement => ({ promote: false, reason, why });

const meanOf = (scores: Scores, windows: readonly string[], figure: keyof WindowScore): number =>
	windows.reduce((sum, window) => sum + (scores[window]?.[figure] ?? 0), 0) / Math.max(1, windows.length);

const digits = (value: number): string => value.toFixed(4);
const ms = (value: number): string => `${value.toFixed(1)} ms`;
