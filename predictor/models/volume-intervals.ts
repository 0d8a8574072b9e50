import { INTERVAL_BINS, INTERVAL_CLASSES, INTERVAL_SIZE } from "#domain/prediction/calibration.ts";

/** Accesses expected in a window, from which on it is in the next class. */
const CLASS_BOUNDS = [1, 3, 10, 30, 100] as const;
/** Windows of a class after which what was seen counts half. */
const HALF_LIFE_WINDOWS = 4_000;
/** Windows of a class until which the model's own interval counts less and less, and after which it counts no more. */
const BELIEVED_WINDOWS = 200;
/** Deviations are counted in bins that are fine near none: equal steps of asinh(STEEPNESS x deviation). */
const STEEPNESS = 30;
const STEP = 0.3;
const OUTSIDE_SHARE = 0.1;

/**
 * How far the numbers of accesses were from what was expected, in windows that have passed, by how many were expected; and 80 % intervals taken
 * from that. A deviation is ln((1 + accesses) / (1 + expected)); its 10 % and 90 % quantiles in a class make the interval; until
 * enough was seen, the model's own counts too. What it has seen of a window never changes an interval that was given before the window's end.
 *
 * @see V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World (2005), for conformal prediction
 */
export class VolumeIntervals {
	readonly #sums: Float64Array;

	/** @param sums what has been seen before, as `sums()` gave it */
	constructor(sums: ArrayLike<number> = new Float64Array(INTERVAL_SIZE)) {
		this.#sums = Float64Array.from(sums);
	}

	/** A window has passed. */
	add(expected: number, accesses: number): void {
		const from = classOf(expected) * INTERVAL_BINS;
		this.#fade(from, 1);
		addTo(this.#sums, expected, accesses);
	}

	/** Windows have passed: how many in each bin, as `sums()` gives them. */
	addSums(sums: readonly number[]): void {
		for (let from = 0; from < INTERVAL_SIZE; from += INTERVAL_BINS) {
			this.#fade(
				from,
				sums.slice(from, from + INTERVAL_BINS).reduce((total, count) => total + count, 0),
			);
			for (let at = from; at < from + INTERVAL_BINS; at += 1) this.#sums[at] = (this.#sums[at] ?? 0) + (sums[at] ?? 0);
		}
	}

	/** The interval of whole numbers in which the accesses of a window lie with 80 %. @param own what the model gives */
	adjust(expected: number, own: readonly [number, number]): [number, number] {
		const from = classOf(expected) * INTERVAL_BINS;
		let windows = 0;
		for (let at = from; at < from + INTERVAL_BINS; at += 1) windows += this.#sums[at] ?? 0;
		if (windows === 0) return [own[0], own[1]];
		const believed = Math.max(0, 1 - windows / BELIEVED_WINDOWS);
		const bound = (share: number, modelled: number): number => {
			const seen = deviationAt(this.#quantile(from, share * windows));
			const mixed = seen + believed * (deviationOf(expected, modelled) - seen);
			return Math.max(0, Math.round((1 + expected) * Math.exp(mixed) - 1));
		};
		const low = bound(OUTSIDE_SHARE, own[0]);
		return [low, Math.max(low, bound(1 - OUTSIDE_SHARE, own[1]))];
	}

	/** What has been seen: for each class, windows by deviation. */
	sums(): readonly number[] {
		return [...this.#sums];
	}

	#fade(from: number, windows: number): void {
		const left = 2 ** (-windows / HALF_LIFE_WINDOWS);
		for (let at = from; at < from + INTERVAL_BINS; at += 1) this.#sums[at] = (this.#sums[at] ?? 0) * left;
	}

	/** Where in the bins of a class so many windows lie below, taken for evenly spread inside a bin. */
	#quantile(from: number, windows: number): number {
		let below = 0;
		for (let bin = 0; bin < INTERVAL_BINS; bin += 1) {
			const inside = this.#sums[from + bin] ?? 0;
			if (inside > 0 && below + inside >= windows) return bin + (windows - below) / inside;
			below += inside;
		}
		return INTERVAL_BINS;
	}
}

/** Adds a window to sums. */
export function addTo(sums: Float64Array | number[], expected: number, accesses: number): void {
	const place = Math.asinh(STEEPNESS * deviationOf(expected, accesses)) / STEP + INTERVAL_BINS / 2;
	const at = classOf(expected) * INTERVAL_BINS + Math.min(INTERVAL_BINS - 1, Math.max(0, Math.floor(place)));
	sums[at] = (sums[at] ?? 0) + 1;
}

const deviationOf = (expected: number, accesses: number): number => Math.log((1 + accesses) / (1 + expected));
const deviationAt = (place: number): number => Math.sinh((place - INTERVAL_BINS / 2) * STEP) / STEEPNESS;

function classOf(expected: number): number {
	const found = CLASS_BOUNDS.findIndex((bound) => expected < bound);
	return found < 0 ? INTERVAL_CLASSES - 1 : found;
}
