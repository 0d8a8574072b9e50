import { plural } from "#cli/display/format.ts";
import type { Evaluation } from "#domain/prediction/training/evaluation.ts";
import { judgeCandidate, VerdictReason } from "#domain/prediction/training/judge-candidate.ts";

const FINDINGS: Partial<Record<VerdictReason, (evaluation: Evaluation) => string>> = {
	[VerdictReason.Better]: ({ current, reactive }) => `better than ${current.name} and than ${reactive.name}, the best reactive rule`,
	[VerdictReason.TooFewWindows]: () => "not judged, too little was held out to say whether it is better than a reactive rule",
	[VerdictReason.NotBetterThanCurrent]: ({ current }) => `not better than ${current.name}`,
	[VerdictReason.SlowerThanCurrent]: ({ current }) => `not better than ${current.name}`,
	[VerdictReason.NotBetterThanReactive]: ({ reactive }) => `not better than ${reactive.name}, the best reactive rule`,
	[VerdictReason.Miscalibrated]: () => "not to be relied on: its probabilities are off",
};

/** A plain sentence on a model that was trained, by the judge that a retraining uses, with how much it rests on. Pure. */
export function describeJudgement(evaluation: Evaluation): string {
	const { reason, why } = judgeCandidate(evaluation);
	const said = `The model is ${FINDINGS[reason]?.(evaluation) ?? "not better"}: ${why}.`;
	if (reason === VerdictReason.TooFewWindows) return said;
	const windows = Object.values(evaluation.candidate).reduce((sum, score) => sum + score.windows, 0);
	const rests = `${plural(windows, "window")} with ${plural(evaluation.heldOut.accesses, "access", "accesses")}`;
	return `${said} This rests on ${rests}.`;
}
