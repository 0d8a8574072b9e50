import type { WindowScore } from "#domain/prediction/training/evaluation.ts";

/** Bins of forecast probabilities for the calibration error, equally wide. */
const BINS = 20;

/** Scores forecasts of one window length, weighted by accesses. */
export class Score {
	readonly #rttMs: readonly (readonly number[])[];
	readonly #predicted = Array<number>(BINS).fill(0);
	readonly #observed = Array<number>(BINS).fill(0);
	#windows = 0;
	#accesses = 0;
	#logLoss = 0;
	#brier = 0;
	#decisionMs = 0;

	/** @param rttMs round-trip time in ms from region (row) to leader (column) */
	constructor(rttMs: readonly (readonly number[])[]) {
		this.#rttMs = rttMs;
	}

	/** @param probabilities and outcome in the order of the regions */
	add(probabilities: readonly number[], outcome: readonly number[]): void {
		const accesses = outcome.reduce((sum, count) => sum + count, 0);
		const squares = probabilities.reduce((sum, p) => sum + p * p, 0);
		const leader = this.#cheapest(probabilities);
		outcome.forEach((count, region) => {
			const p = probabilities[region] ?? 0;
			this.#logLoss -= count * Math.log(p);
			this.#brier += count * (squares - 2 * p + 1);
			this.#decisionMs += count * (this.#rttMs[region]?.[leader] ?? 0);
			const bin = Math.min(BINS - 1, Math.floor(p * BINS));
			this.#predicted[bin] = (this.#predicted[bin] ?? 0) + p * accesses;
			this.#observed[bin] = (this.#observed[bin] ?? 0) + count;
		});
		this.#windows += 1;
		this.#accesses += accesses;
	}

	result(): WindowScore {
		const mean = (sum: number): number => (this.#accesses === 0 ? 0 : sum / this.#accesses);
		const gap = this.#predicted.reduce((sum, predicted, bin) => sum + Math.abs(predicted - (this.#observed[bin] ?? 0)), 0);
		return {
			windows: this.#windows,
			logLoss: mean(this.#logLoss),
			brier: mean(this.#brier),
			// every access counts once in the observed and once in the predicted sums: the gaps together are at most 2
			ece: mean(gap) / 2,
			decisionMs: mean(this.#decisionMs),
		};
	}

	/** Where the forecast expects the lowest mean round-trip time. */
	#cheapest(probabilities: readonly number[]): number {
		let best = 0;
		let bestMs = Number.POSITIVE_INFINITY;
		for (let leader = 0; leader < probabilities.length; leader += 1) {
			const ms = probabilities.reduce((sum, p, region) => sum + p * (this.#rttMs[region]?.[leader] ?? 0), 0);
			if (ms < bestMs - 1e-9) [best, bestMs] = [leader, ms];
		}
		return best;
	}
}
