import { type Calibrator, likeliest } from "#predictor/models/calibration.ts";

const CLOSED = -1;

/**
 * Forecasts of many partitions that are held against what happens, one a partition at a time, and calibrate the next ones: what
 * `domain/prediction/probes.ts` does with stored ones, in flat arrays.
 */
export class ProbeColumns {
	readonly #windowHours: number;
	readonly #calibrator: Calibrator;
	/** By partition: the first hour of the window that is watched; -1 where none is. */
	readonly #fromHour: Int32Array;
	readonly #region: Uint8Array;
	readonly #confidence: Float64Array;
	readonly #accesses: Float64Array;
	readonly #hits: Float64Array;

	constructor(slots: number, windowHours: number, calibrator: Calibrator) {
		this.#windowHours = windowHours;
		this.#calibrator = calibrator;
		this.#fromHour = new Int32Array(slots).fill(CLOSED);
		this.#region = new Uint8Array(slots);
		this.#confidence = new Float64Array(slots);
		this.#accesses = new Float64Array(slots);
		this.#hits = new Float64Array(slots);
	}

	/** Accesses of an hour, for the window in which it lies. */
	watch(slot: number, region: number, count: number, hour: number): void {
		const from = this.#fromHour[slot] ?? CLOSED;
		if (from === CLOSED || hour < from || hour >= from + this.#windowHours) return;
		this.#accesses[slot] = (this.#accesses[slot] ?? 0) + count;
		if (region === this.#region[slot]) this.#hits[slot] = (this.#hits[slot] ?? 0) + count;
	}

	/** Calibrates a forecast for the hours from `fromHour` on, which have not begun, in place; watches it if none is watched. */
	adjust(slot: number, fromHour: number, forecast: Float64Array): void {
		this.#close(slot, fromHour);
		const region = likeliest(forecast);
		const confidence = this.#calibrator.adjust(forecast);
		if (this.#fromHour[slot] !== CLOSED) return;
		this.#fromHour[slot] = fromHour;
		this.#region[slot] = region;
		this.#confidence[slot] = confidence;
		this.#accesses[slot] = 0;
		this.#hits[slot] = 0;
	}

	/** The forecast for the hours from `fromHour` on was tilted by an event and is not the model's own: it is not watched. */
	forget(slot: number, fromHour: number): void {
		if (this.#fromHour[slot] === fromHour) this.#fromHour[slot] = CLOSED;
	}

	/** Takes in a window whose last hour is known an hour before `fromHour`. */
	#close(slot: number, fromHour: number): void {
		const from = this.#fromHour[slot] ?? CLOSED;
		if (from === CLOSED || from + this.#windowHours >= fromHour) return;
		this.#fromHour[slot] = CLOSED;
		const accesses = this.#accesses[slot] ?? 0;
		if (accesses > 0) this.#calibrator.add(this.#confidence[slot] ?? 0, this.#hits[slot] ?? 0, accesses);
	}
}
