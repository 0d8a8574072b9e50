import { hourIso } from "#domain/prediction/hours.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { type AccessHistory, hourOfVolume } from "#predictor/features/history.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import type { TrainingSpan } from "#predictor/training/collect-windows.ts";

const HOUR_MS = 3_600_000;

/** Which part of a log a model is scored on. */
export interface ScoredSpan {
	readonly span: TrainingSpan;
	/** Whether the model was trained on hours of it. */
	readonly overlapsTraining: boolean;
	/** A line for the reader, where the model's training has to do with it. */
	readonly note: string | undefined;
}

/** The part of a log after `scoreFrom` of its volume; what a model was trained on is left out of it, as long as a window of the longest kind is left. */
export function scoredSpan(history: AccessHistory, { name, trained }: ModelArtefact, scoreFrom: number, longestHours: number): ScoredSpan {
	const span = { fromHour: hourOfVolume(history, scoreFrom), toHour: (history.cells.hour.at(-1) ?? 0) + 1 };
	if (trained === undefined) return { span, overlapsTraining: false, note: undefined };
	const [from, to] = [trained.from, trained.to].map((iso) => Date.parse(iso) / HOUR_MS) as [number, number];
	// forecasts are for the hours from LEAD_HOURS on
	if (from >= span.toHour || to <= span.fromHour + LEAD_HOURS) return { span, overlapsTraining: false, note: undefined };
	if (span.toHour - to >= longestHours)
		return {
			span: { ...span, fromHour: to - LEAD_HOURS },
			overlapsTraining: false,
			note: `scored from ${day(to)} on: the model "${name}" learnt from accesses until then`,
		};
	return {
		span,
		overlapsTraining: true,
		note: `warning: the model "${name}" learnt from accesses until ${day(to)}, and too few come later: it is scored on what it has learnt, which flatters it`,
	};
}

const day = (hour: number): string => hourIso(hour).slice(0, 10);
