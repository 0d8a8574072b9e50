import { CALIBRATION_BINS } from "#domain/prediction/calibration.ts";
import type { Coverage } from "#predictor/evaluation/score-volumes.ts";
import { likeliest } from "#predictor/models/calibration.ts";

/** One bar of a reliability diagram. */
export interface ReliabilityBin {
	readonly from: number;
	readonly below: number;
	/** Mean probability of the most likely region, and how often accesses came from there. */
	readonly predicted: number;
	readonly observed: number;
	/** Accesses. */
	readonly weight: number;
}

/** How good forecasts of one window length were. */
export interface ForecastScore {
	/** Mean over accesses of -ln P(region of the access). */
	readonly logLoss: number;
	/** Mean over accesses of the squared distance between forecast and outcome, 0..2. */
	readonly brier: number;
	/** Expected calibration error of the most likely region, 0..1. */
	readonly ece: number;
	/** Windows scored, at least one access each. */
	readonly windows: number;
	readonly reliability: readonly ReliabilityBin[];
	/** How often the numbers of accesses lay inside their 80 % intervals. */
	readonly coverage?: Coverage;
}

/**
 * Log-loss, Brier score and calibration of forecasts over regions, an access counting once. The calibration error is that of the most
 * likely region, over bins of equal width.
 *
 * @see C. Guo et al., On Calibration of Modern Neural Networks (2017), section 2
 */
export class Score {
	readonly #predicted = new Float64Array(CALIBRATION_BINS);
	readonly #observed = new Float64Array(CALIBRATION_BINS);
	readonly #weight = new Float64Array(CALIBRATION_BINS);
	#logLoss = 0;
	#brier = 0;
	#accesses = 0;
	#windows = 0;

	/** @param forecast probabilities by region @param outcome accesses by region */
	add(forecast: Float64Array, outcome: Float64Array): void {
		let accesses = 0;
		let squares = 0;
		for (let region = 0; region < forecast.length; region += 1) {
			const share = forecast[region] ?? 0;
			const count = outcome[region] ?? 0;
			accesses += count;
			squares += share * share;
			this.#logLoss -= count === 0 ? 0 : count * Math.log(share);
		}
		// the squared distance to a region's unit vector is the sum of squares - 2 p + 1
		for (let region = 0; region < forecast.length; region += 1)
			this.#brier += (outcome[region] ?? 0) * (squares - 2 * (forecast[region] ?? 0) + 1);
		const top = likeliest(forecast);
		const confidence = forecast[top] ?? 0;
		const bin = Math.min(CALIBRATION_BINS - 1, Math.floor(confidence * CALIBRATION_BINS));
		this.#predicted[bin] = (this.#predicted[bin] ?? 0) + accesses * confidence;
		this.#observed[bin] = (this.#observed[bin] ?? 0) + (outcome[top] ?? 0);
		this.#weight[bin] = (this.#weight[bin] ?? 0) + accesses;
		this.#accesses += accesses;
		this.#windows += 1;
	}

	result(): ForecastScore {
		const bins = Array.from({ length: CALIBRATION_BINS }, (_, bin) => {
			const weight = this.#weight[bin] ?? 0;
			const share = (sums: Float64Array): number => (weight === 0 ? 0 : (sums[bin] ?? 0) / weight);
			return {
				from: bin / CALIBRATION_BINS,
				below: (bin + 1) / CALIBRATION_BINS,
				predicted: share(this.#predicted),
				observed: share(this.#observed),
				weight,
			};
		});
		const gaps = bins.reduce((sum, { predicted, observed, weight }) => sum + weight * Math.abs(predicted - observed), 0);
		const mean = (sum: number): number => (this.#accesses === 0 ? 0 : sum / this.#accesses);
		return {
			logLoss: mean(this.#logLoss),
			brier: mean(this.#brier),
			ece: mean(gaps),
			windows: this.#windows,
			reliability: bins.filter(({ weight }) => weight > 0),
		};
	}
}
