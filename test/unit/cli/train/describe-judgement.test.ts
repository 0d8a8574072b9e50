import { describe, expect, it } from "vitest";
import { describeJudgement } from "#cli/train/describe-judgement.ts";

const score = (decisionMs: number, logLoss = 0.5, windows = 900) => ({ windows, logLoss, brier: 0.3, ece: 0.01, decisionMs });
const evaluation = (candidateMs: number, accesses = 5000) => ({
	heldOut: { from: "2024-01-01T00:00:00Z", to: "2024-02-01T00:00:00Z", accesses },
	candidate: { "6": score(candidateMs) },
	current: { name: "built-in", scores: { "6": score(80, 0.9) } },
	reactive: { name: "ewma-14d", scores: { "6": score(50) } },
});

describe("what is said of a model that was trained", () => {
	it.each([
		[
			evaluation(40),
			/^The model is better than built-in and than ewma-14d, the best reactive rule: .* This rests on 900 windows with 5,000 accesses\.$/,
		],
		[
			evaluation(60),
			/^The model is not better than ewma-14d, the best reactive rule: its choices would take 60\.0 ms, those of ewma-14d 50\.0 ms\./,
		],
		[evaluation(90), /^The model is not better than built-in: /],
		[
			evaluation(40, 1),
			/^The model is not judged, too little was held out .*: 900 windows in horizons that have enough, with 1 accesses were held out, 50 with 500 are needed\.$/,
		],
	])("is the judge's word", (found, sentence) => expect(describeJudgement(found)).toMatch(sentence));
});
