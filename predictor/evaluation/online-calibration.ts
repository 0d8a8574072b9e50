import { type Calibrator, likeliest } from "#predictor/models/calibration.ts";

/** A window that has been forecast and has not passed. */
interface Pending {
	/** The first hour that knows how it ended. */
	readonly knownHour: number;
	readonly confidence: number;
	readonly hits: number;
	readonly accesses: number;
}

/** Calibrates forecasts of one window length by what windows before them came to, and nothing later. To be asked for ascending hours. */
export class OnlineCalibration {
	readonly #calibrator: Calibrator;
	readonly #pending: Pending[] = [];
	#closed = 0;

	constructor(calibrator: Calibrator) {
		this.#calibrator = calibrator;
	}

	/** Windows that end before `hour` have passed. */
	advance(hour: number): void {
		for (; this.#closed < this.#pending.length; this.#closed += 1) {
			const window = this.#pending[this.#closed];
			if (window === undefined || window.knownHour > hour) return;
			this.#calibrator.add(window.confidence, window.hits, window.accesses);
		}
	}

	/**
	 * Calibrates a forecast in place. What its window will come to is kept until then.
	 *
	 * @param knownHour the first hour after the window
	 */
	adjust(forecast: Float64Array, outcome: Float64Array, knownHour: number): void {
		const hits = outcome[likeliest(forecast)] ?? 0;
		const confidence = this.#calibrator.adjust(forecast);
		this.#pending.push({ knownHour, confidence, hits, accesses: outcome.reduce((sum, count) => sum + count, 0) });
	}

	/** The last forecast was tilted by an event and is not the model's own: what it comes to says nothing. */
	forget(): void {
		this.#pending.pop();
	}
}
