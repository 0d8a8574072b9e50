import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import type { Model } from "#predictor/models/model.ts";
import { interval80 } from "#predictor/models/negative-binomial.ts";
import { expectedVolume, VOLUME_FEATURES, volumeFeatures } from "#predictor/models/volume.ts";
import { VolumeIntervals } from "#predictor/models/volume-intervals.ts";
import { ActiveSample } from "#predictor/training/active-sample.ts";
import type { TrainingSpan } from "#predictor/training/collect-windows.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";
import { Upcoming } from "#predictor/training/upcoming.ts";

const WINDOWS_WANTED = 100_000;
/** Accesses expected in a window, from which on it is told apart. */
const FROM = [0, 1, 10, 100] as const;

/** Of windows in which so many accesses were expected: how many there were, and the share whose accesses lay inside the 80 % interval. */
export interface CoverageClass {
	readonly from: number;
	/** Null: no limit. */
	readonly below: number | null;
	readonly windows: number;
	readonly share: number;
}

/** How often the numbers of accesses lay inside their 80 % intervals. */
export interface Coverage {
	readonly windows: number;
	readonly share: number;
	readonly byExpected: readonly CoverageClass[];
}

/**
 * Holds 80 % intervals of the numbers of accesses against what came in a span, of every partition accessed in the `activeHours` before, with
 * accesses or without: each made from what was known an hour before its window, and by the windows that had passed.
 */
export function scoreVolumes(history: AccessHistory, windowHours: number, model: Model, activeHours: number, span: TrainingSpan): Coverage {
	const walk = new HourWalk(history);
	const upcoming = new Upcoming(history);
	const intervals = new VolumeIntervals();
	const { weights, dispersion } = model.volume(windowHours);
	const features = new Float64Array(VOLUME_FEATURES);
	const [windows, inside] = [FROM.map(() => 0), FROM.map(() => 0)];
	const pending: { readonly knownHour: number; readonly expected: number; readonly accesses: number }[] = [];
	let closed = 0;
	const sample = new ActiveSample(history, windowHours, activeHours, span, WINDOWS_WANTED);
	for (const [index, hour] of sample.hours.entries()) {
		const begin = hour + LEAD_HOURS;
		for (let window = pending[closed]; window !== undefined && window.knownHour <= hour; window = pending[closed]) {
			intervals.add(window.expected, window.accesses);
			closed += 1;
		}
		walk.advance(hour);
		const outcomes = upcoming.between(begin, begin + windowHours);
		for (const partition of sample.partitionsAt(index, walk.columns.own.lastHour)) {
			walk.experts.select(partition);
			volumeFeatures(walk.experts.amounts, walk.experts.tilt(begin, windowHours), features);
			const expected = expectedVolume(weights, features);
			const accesses = outcomes.get(partition)?.reduce((sum, count) => sum + count, 0) ?? 0;
			const [low, high] = intervals.adjust(expected, interval80(expected, dispersion));
			const at = FROM.findLastIndex((from) => expected >= from);
			windows[at] = (windows[at] ?? 0) + 1;
			if (accesses >= low && accesses <= high) inside[at] = (inside[at] ?? 0) + 1;
			pending.push({ knownHour: begin + windowHours, expected, accesses });
		}
	}
	const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
	const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
	const byExpected = FROM.map((from, at) => {
		const count = windows[at] ?? 0;
		return { from, below: FROM[at + 1] ?? null, windows: count, share: share(inside[at] ?? 0, count) };
	});
	return { windows: sum(windows), share: share(sum(inside), sum(windows)), byExpected: byExpected.filter((one) => one.windows > 0) };
}
