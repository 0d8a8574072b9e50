import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { trainCandidate } from "#predictor/training/train-candidate.ts";

const [HERE, THERE] = ["eu-west-1", "us-east-1"].map(regionId) as [ReturnType<typeof regionId>, ReturnType<typeof regionId>];
const FIRST = Date.UTC(2024, 0) / 3_600_000;

function train(days: number, windowHours: number, heldOutDays: number) {
	const builder = new CellBuilder([HERE, THERE]);
	for (let hour = 0; hour < days * 24; hour += 1) builder.add("p", hour % 24 < 12 ? HERE : THERE, "", FIRST + hour, 1);
	return trainCandidate(builder.build(), { name: "x", windowsHours: [windowHours], heldOutDays, current: BUILT_IN, epochs: 1 });
}

describe("a log that is too short to train on", () => {
	it.each([
		[168, 28],
		[168, 7],
		[24, 1],
		[6, 10],
	])("is told how many days are enough for windows of %i h and %i days held out", (windowHours, heldOutDays) => {
		const refusal = (days: number): string => {
			try {
				train(days, windowHours, heldOutDays);
				return "";
			} catch (error) {
				return (error as Error).message;
			}
		};
		const needed = Number(/need (\d+)$/.exec(refusal(1))?.[1]);
		expect(refusal(needed - 1)).toMatch(/^the log spans \d+\.0 days/);
		expect(refusal(needed)).toBe("");
	});
});
