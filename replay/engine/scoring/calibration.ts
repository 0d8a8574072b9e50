import type { ForecastScore } from "#replay/result/replay-result.ts";

const BINS = 15;

/**
 * Log-loss, Brier score and calibration of forecasts over regions, an access counting once. The calibration error is that of the most
 * likely region, over bins of equal width.
 *
 * @see C. Guo et al., On Calibration of Modern Neural Networks (2017), section 2
 */
export class Calibration {
	readonly #predicted = new Float64Array(BINS);
	readonly #observed = new Float64Array(BINS);
	readonly #weight = new Float64Array(BINS);
	#logLoss = 0;
	#brier = 0;
	#accesses = 0;
	#windows = 0;

	/** @param forecast probabilities by region @param outcome accesses by region */
	add(forecast: Float64Array, outcome: Float64Array): void {
		let accesses = 0;
		let squares = 0;
		let top = 0;
		for (let region = 0; region < forecast.length; region += 1) {
			const share = forecast[region] ?? 0;
			const count = outcome[region] ?? 0;
			accesses += count;
			squares += share * share;
			this.#logLoss -= count === 0 ? 0 : count * Math.log(share);
			if (share > (forecast[top] ?? 0)) top = region;
		}
		// the squared distance to a region's unit vector is the sum of squares - 2 p + 1
		for (let region = 0; region < forecast.length; region += 1)
			this.#brier += (outcome[region] ?? 0) * (squares - 2 * (forecast[region] ?? 0) + 1);
		const confidence = forecast[top] ?? 0;
		const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
		this.#predicted[bin] = (this.#predicted[bin] ?? 0) + accesses * confidence;
		this.#observed[bin] = (this.#observed[bin] ?? 0) + (outcome[top] ?? 0);
		this.#weight[bin] = (this.#weight[bin] ?? 0) + accesses;
		this.#accesses += accesses;
		this.#windows += 1;
	}

	score(): ForecastScore {
		const bins = Array.from({ length: BINS }, (_, bin) => {
			const weight = this.#weight[bin] ?? 0;
			const share = (sums: Float64Array): number => (weight === 0 ? 0 : (sums[bin] ?? 0) / weight);
			return { from: bin / BINS, below: (bin + 1) / BINS, predicted: share(this.#predicted), observed: share(this.#observed), weight };
		});
		const gaps = bins.reduce((sum, { predicted, observed, weight }) => sum + weight * Math.abs(predicted - observed), 0);
		return {
			logLoss: this.#logLoss / this.#accesses,
			brier: this.#brier / this.#accesses,
			ece: gaps / this.#accesses,
			windows: this.#windows,
			reliability: bins.filter(({ weight }) => weight > 0),
		};
	}
}
