import { describe, expect, it } from "vitest";
import { scoredSpan } from "#cli/train/scored-span.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";

const FIRST = Date.UTC(2024, 0) / 3_600_000;
const DAYS = 60;
const END = FIRST + DAYS * 24;

const builder = new CellBuilder([regionId("eu-west-1")]);
for (let hour = FIRST; hour < END; hour += 1) builder.add("p", regionId("eu-west-1"), "", hour, 1);
const history = builder.build();

const trainedUntil = (to: string, from = "2023-12-01T00:00:00.000Z") => ({
	...BUILT_IN,
	name: "mine",
	trained: { from, to, accesses: 1, partitions: 1, windows: {} },
});
const half = { fromHour: FIRST + (DAYS * 24) / 2 - 1, toHour: END };

describe("what a model is scored on", () => {
	it.each([
		["that came with the release", BUILT_IN],
		["trained before it", trainedUntil("2024-01-20T00:00:00.000Z")],
		["trained after it", trainedUntil("2025-01-20T00:00:00.000Z", "2025-01-01T00:00:00.000Z")],
	])("is the part asked for, of one %s", (_, model) => {
		expect(scoredSpan(history, model, 0.5, 168)).toEqual({ span: half, overlapsTraining: false, note: undefined });
	});

	it("begins where its training ended", () => {
		const { span, overlapsTraining, note } = scoredSpan(history, trainedUntil("2024-02-16T00:00:00.000Z"), 0.5, 168);
		expect(span).toEqual({ fromHour: FIRST + 46 * 24 - LEAD_HOURS, toHour: END });
		expect([overlapsTraining, note]).toEqual([false, 'scored from 2024-02-16 on: the model "mine" learnt from accesses until then']);
	});

	it("is said to be what it has learnt, where too little comes later", () => {
		const { span, overlapsTraining, note } = scoredSpan(history, trainedUntil("2024-02-25T00:00:00.000Z"), 0.5, 168);
		expect([span, overlapsTraining]).toEqual([half, true]);
		expect(note).toMatch(/^warning: the model "mine" learnt from accesses until 2024-02-25, and too few come later/);
	});
});
