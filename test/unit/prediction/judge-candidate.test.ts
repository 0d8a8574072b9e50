import { describe, expect, it } from "vitest";
import type { Evaluation } from "#domain/prediction/training/evaluation.ts";
import { judgeCandidate } from "#domain/prediction/training/judge-candidate.ts";
import { heldOutDaysOf, TRAINING_SETTINGS } from "#domain/prediction/training/settings.ts";

const score = { windows: 100, logLoss: 0.9, brier: 0.5, ece: 0.02, decisionMs: 50 };
const at = (more: Partial<typeof score>) => ({ 6: { ...score, ...more }, 168: { ...score, ...more } });
const evaluation = (more: Partial<Evaluation> = {}): Evaluation => ({
	heldOut: { from: "2024-01-01T00:00:00Z", to: "2024-01-08T00:00:00Z", accesses: 1000 },
	candidate: at({}),
	current: { name: "built-in", scores: at({ logLoss: 0.95 }) },
	reactive: { name: "ewma-14d", scores: at({ logLoss: 1.1, decisionMs: 55 }) },
	...more,
});

describe("a candidate", () => {
	it("is promoted when it beats the model in use and the best reactive rule, with the figures", () => {
		expect(judgeCandidate(evaluation())).toEqual({
			promote: true,
			reason: "better",
			why: "log-loss 0.9000 (0.9500 of built-in); its choices take 50.0 ms, those of ewma-14d 55.0 ms",
		});
	});

	it.each<[string, Partial<Evaluation>, string]>([
		["too few windows were held out", { candidate: at({ windows: 5 }) }, "too-few-windows"],
		["nothing was scored", { candidate: {} }, "too-few-windows"],
		["hardly anybody was there", { heldOut: { ...evaluation().heldOut, accesses: 499 } }, "too-few-windows"],
		["it forecasts no better", { current: { name: "x", scores: at({}) } }, "not-better-than-current"],
		["it forecasts better by a hair", { current: { name: "x", scores: at({ logLoss: 0.9005 }) } }, "not-better-than-current"],
		["its figures are none", { candidate: at({ logLoss: Number.NaN }) }, "not-better-than-current"],
		["its choices are slower", { current: { name: "x", scores: at({ logLoss: 1, decisionMs: 40 }) } }, "slower-than-current"],
		["a reactive rule chooses as well", { reactive: { name: "r", scores: at({ decisionMs: 50 }) } }, "not-better-than-reactive"],
		["it is badly calibrated", { candidate: at({ ece: 0.06 }) }, "miscalibrated"],
	])("is not when %s", (_, more, reason) => {
		expect(judgeCandidate(evaluation(more))).toMatchObject({ promote: false, reason });
	});

	it("is judged by horizons with enough windows, whatever it does in others", () => {
		const few = { ...score, windows: 29, logLoss: 9, decisionMs: 900, ece: 0.5 };
		expect(judgeCandidate(evaluation({ candidate: { 6: score, 168: few } }))).toMatchObject({ promote: true });
		expect(judgeCandidate(evaluation({ candidate: { 6: score, 168: { ...few, windows: 30 } } }))).toMatchObject({ promote: false });
	});

	it("may be as badly calibrated as the model in use", () => {
		const current = { name: "x", scores: at({ logLoss: 1, ece: 0.08 }) };
		expect(judgeCandidate(evaluation({ candidate: at({ ece: 0.07 }), current }))).toMatchObject({ promote: true });
	});

	it("that forecasts windows the model in use does not know is held against it where both do, and against reactive rules everywhere", () => {
		const candidate = { ...at({}), 24: { ...score, decisionMs: 49 } };
		const scores = { ...at({ decisionMs: 55 }), 24: { ...score, decisionMs: 60 } };
		expect(judgeCandidate(evaluation({ candidate, reactive: { name: "r", scores } }))).toMatchObject({ promote: true });
	});
});

it.each([
	[16, 7],
	[28, 7],
	[60, 15],
	[112, 28],
	[400, 28],
])("of %i days of accesses, the newest %i judge", (days, heldOut) => expect(heldOutDaysOf(days, TRAINING_SETTINGS)).toBe(heldOut));
