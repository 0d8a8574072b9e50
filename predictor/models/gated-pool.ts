import { FLOOR } from "#predictor/models/distribution.ts";

/** How long ago the partition was last accessed, as the pool tells contexts apart: upper bounds in hours, inclusive. */
export const CONTEXT_BOUNDS_HOURS = [6, 30, 168] as const;
export const CONTEXTS = CONTEXT_BOUNDS_HOURS.length + 1;

/** The context of a forecast that rests on information so many hours old. */
export function contextOf(ageHours: number): number {
	let context = 0;
	while (context < CONTEXT_BOUNDS_HOURS.length && ageHours > (CONTEXT_BOUNDS_HOURS[context] ?? 0)) context += 1;
	return context;
}

/** Weights by context, then expert: shares with sum 1 of the linear pool, exponents of the logarithmic one. */
export interface GatedWeights {
	readonly experts: number;
	/** By context: how much of the forecast is the linear pool's, 0..1. */
	readonly linearShare: Float64Array;
	readonly linear: Float64Array;
	readonly log: Float64Array;
}

/** Mixes experts' distributions: a linear and a logarithmic pool in a learned proportion, no region below the floor. Keeps its scratch space. */
export class PoolMixer {
	readonly regions: number;
	readonly linear: Float64Array;
	readonly #heldLinear: Float64Array;
	readonly #heldLog: Float64Array;
	/** The logarithmic pool's distribution of the last `mix`. */
	readonly log: Float64Array;

	constructor(regions: number) {
		this.regions = regions;
		this.linear = new Float64Array(regions);
		this.#heldLinear = new Float64Array(regions);
		this.#heldLog = new Float64Array(regions);
		this.log = new Float64Array(regions);
	}

	/** @param forecasts an expert after another, one number a region, from `at` on @param out one number a region, sum 1 */
	mix(forecasts: Float64Array | Float32Array, at: number, weights: GatedWeights, context: number, out: Float64Array): void {
		this.hold(forecasts, at, weights, context, 0);
		this.mixHeld(forecasts, at, weights, context, 0, out);
	}

	/** Sums up the first `held` experts, which stay the same for several forecasts. */
	hold(forecasts: Float64Array | Float32Array, at: number, weights: GatedWeights, context: number, held: number): void {
		this.#heldLinear.fill(0);
		this.#heldLog.fill(0);
		this.#add(forecasts, at, weights, context, 0, held, this.#heldLinear, this.#heldLog);
	}

	/** Mixes the held experts with all others. */
	mixHeld(
		forecasts: Float64Array | Float32Array,
		at: number,
		weights: GatedWeights,
		context: number,
		held: number,
		out: Float64Array,
	): void {
		const { regions } = this;
		this.linear.set(this.#heldLinear);
		this.log.set(this.#heldLog);
		this.#add(forecasts, at, weights, context, held, weights.experts, this.linear, this.log);
		let largest = Number.NEGATIVE_INFINITY;
		for (let region = 0; region < regions; region += 1) largest = Math.max(largest, this.log[region] ?? 0);
		let total = 0;
		for (let region = 0; region < regions; region += 1) {
			const value = Math.exp((this.log[region] ?? 0) - largest);
			this.log[region] = value;
			total += value;
		}
		const left = 1 - regions * FLOOR;
		const linearShare = weights.linearShare[context] ?? 0.5;
		for (let region = 0; region < regions; region += 1) {
			const log = (this.log[region] ?? 0) / total;
			this.log[region] = log;
			out[region] = FLOOR + left * (linearShare * (this.linear[region] ?? 0) + (1 - linearShare) * log);
		}
	}

	#add(
		forecasts: Float64Array | Float32Array,
		at: number,
		weights: GatedWeights,
		context: number,
		from: number,
		to: number,
		linear: Float64Array,
		log: Float64Array,
	): void {
		const { regions } = this;
		const first = context * weights.experts;
		for (let expert = from; expert < to; expert += 1) {
			const share = weights.linear[first + expert] ?? 0;
			const exponent = weights.log[first + expert] ?? 0;
			const row = at + expert * regions;
			for (let region = 0; region < regions; region += 1) {
				const value = forecasts[row + region] ?? 0;
				linear[region] = (linear[region] ?? 0) + share * value;
				log[region] = (log[region] ?? 0) + exponent * Math.log(value);
			}
		}
	}
}
