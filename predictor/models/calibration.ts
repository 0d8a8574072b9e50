import {
	CALIBRATION_BINS,
	CALIBRATION_SIZE,
	type Calibration,
	INTERVAL_SIZE,
	type Probe,
	type Seen,
} from "#domain/prediction/calibration.ts";
import { FLOOR } from "#predictor/models/distribution.ts";
import { addTo, VolumeIntervals } from "#predictor/models/volume-intervals.ts";

/** Accesses after which what was seen counts half. */
const HALF_LIFE_ACCESSES = 100_000;
/** Accesses for which a bin is taken to be calibrated. */
const PRIOR = 200;

/** The bin of a probability. */
const calibrationBin = (confidence: number): number => Math.min(CALIBRATION_BINS - 1, Math.floor(confidence * CALIBRATION_BINS));

/**
 * How often the most likely region was right when the model was so sure, in windows that have passed; and forecasts shifted by it. What it
 * has seen of a window never changes a forecast that was made before the window's end.
 *
 * @see C. Guo et al., On Calibration of Modern Neural Networks (2017), section 2, for the bins
 */
export class Calibrator {
	readonly #sums: Float64Array;

	/** @param sums what has been seen before, as `sums()` gave it */
	constructor(sums: ArrayLike<number> = new Float64Array(CALIBRATION_SIZE)) {
		this.#sums = Float64Array.from(sums);
	}

	/** A window has passed: its forecast's own probability of the most likely region, its accesses, and how many came from there. */
	add(confidence: number, hits: number, accesses: number): void {
		const left = 2 ** (-accesses / HALF_LIFE_ACCESSES);
		for (let at = 0; at < CALIBRATION_SIZE; at += 1) this.#sums[at] = (this.#sums[at] ?? 0) * left;
		addToBin(this.#sums, confidence, hits, accesses);
	}

	/** Windows have passed: their sums, as `sums()` gives them. Returns what is left of what was seen before. */
	addSums(sums: readonly number[]): number {
		let accesses = 0;
		for (let at = 0; at < CALIBRATION_SIZE; at += 3) accesses += sums[at] ?? 0;
		const left = 2 ** (-accesses / HALF_LIFE_ACCESSES);
		for (let at = 0; at < CALIBRATION_SIZE; at += 1) this.#sums[at] = (this.#sums[at] ?? 0) * left + (sums[at] ?? 0);
		return left;
	}

	/** What was seen here, and what has been seen since. */
	since(later: Calibration["windows"][string] | undefined): Calibrator {
		if (later === undefined) return this;
		return new Calibrator(this.#sums.map((value, at) => value * later.left + (later.sums[at] ?? 0)));
	}

	/** The same from a forecast as the model made it, and accesses by region. */
	addOutcome(forecast: Float64Array, outcome: ArrayLike<number>): void {
		const top = likeliest(forecast);
		let accesses = 0;
		for (let region = 0; region < outcome.length; region += 1) accesses += outcome[region] ?? 0;
		this.add(forecast[top] ?? 0, outcome[top] ?? 0, accesses);
	}

	/** Shifts the probability of the most likely region to what was seen; the others keep their proportions. Returns what it was. */
	adjust(probabilities: Float64Array): number {
		const regions = probabilities.length;
		const top = likeliest(probabilities);
		const confidence = probabilities[top] ?? 0;
		const at = 3 * calibrationBin(confidence);
		const gap = ((this.#sums[at + 2] ?? 0) - (this.#sums[at + 1] ?? 0)) / ((this.#sums[at] ?? 0) + PRIOR);
		if (gap === 0 || regions === 1) return confidence;
		const wanted = Math.min(1 - (regions - 1) * FLOOR, Math.max(1 / regions, confidence + gap));
		// what lies above the floor is shared out anew, so that no region falls below it
		const rest = 1 - confidence - (regions - 1) * FLOOR;
		const scale = rest > 0 ? (1 - wanted - (regions - 1) * FLOOR) / rest : 0;
		if (rest > 1e-12)
			for (let region = 0; region < regions; region += 1)
				if (region !== top) probabilities[region] = FLOOR + ((probabilities[region] ?? 0) - FLOOR) * scale;
		if (rest > 1e-12) probabilities[top] = wanted;
		return confidence;
	}

	/** What has been seen: 15 bins of accesses, expected hits and hits. */
	sums(): readonly number[] {
		return [...this.#sums];
	}
}

/** The sums of windows that have passed, by window length. */
export function seenOf(probes: readonly Probe[]): Seen {
	const seen: Record<string, { readonly regions: number[]; readonly volumes: number[] }> = {};
	for (const { windowHours, confidence, expected, accesses, hits } of probes) {
		seen[windowHours] ??= { regions: Array<number>(CALIBRATION_SIZE).fill(0), volumes: Array<number>(INTERVAL_SIZE).fill(0) };
		addToBin(seen[windowHours].regions, confidence, hits, accesses);
		if (expected !== undefined) addTo(seen[windowHours].volumes, expected, accesses);
	}
	return seen;
}

/** What has been seen of all windows once a run's are in; a run that is in already changes nothing. */
export function takeSeen(before: Calibration | undefined, runs: readonly Seen[], throughHour: number): Calibration {
	if (before !== undefined && before.appliedThroughHour >= throughHour) return before;
	const windows: Calibration["windows"] = { ...before?.windows };
	for (const [hours, { regions, volumes }] of runs.flatMap((seen) => Object.entries(seen))) {
		const known = windows[hours];
		const [calibrator, intervals] = [new Calibrator(known?.sums), new VolumeIntervals(known?.volumes)];
		const left = (known?.left ?? 1) * calibrator.addSums(regions);
		intervals.addSums(volumes);
		windows[hours] = { left, sums: calibrator.sums(), volumes: intervals.sums() };
	}
	return { version: 1, appliedThroughHour: throughHour, windows };
}

function addToBin(sums: Float64Array | number[], confidence: number, hits: number, accesses: number): void {
	const at = 3 * calibrationBin(confidence);
	sums[at] = (sums[at] ?? 0) + accesses;
	sums[at + 1] = (sums[at + 1] ?? 0) + accesses * confidence;
	sums[at + 2] = (sums[at + 2] ?? 0) + hits;
}

/** The region of the largest probability; the first where several are equal. */
export function likeliest(probabilities: ArrayLike<number>): number {
	let top = 0;
	for (let region = 1; region < probabilities.length; region += 1)
		if ((probabilities[region] ?? 0) > (probabilities[top] ?? 0)) top = region;
	return top;
}
