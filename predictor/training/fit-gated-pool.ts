import { seededRandom } from "#domain/shared/seeded-random.ts";
import { FLOOR } from "#predictor/models/distribution.ts";
import { CONTEXTS, type GatedWeights, PoolMixer } from "#predictor/models/gated-pool.ts";

/** Windows with at least one access, flat: what the experts said and where the accesses came from. */
export interface WindowSet {
	readonly experts: number;
	readonly regions: number;
	readonly size: number;
	/** `experts * regions` numbers a window. */
	readonly forecasts: Float32Array;
	/** Accesses by region, `regions` numbers a window. */
	readonly outcomes: Float32Array;
	readonly contexts: Uint8Array;
}

export interface FitSettings {
	/** Passes over the windows. Default 6. */
	readonly epochs: number;
	/** Windows a step. Default 512. */
	readonly batch: number;
	/** Steps that are made at least, however few windows there are: more passes then. Default 300. */
	readonly minSteps: number;
	/** Step size at the beginning; falls to 0 as a cosine. Default 0.02. */
	readonly learningRate: number;
	/** Pull of the shared weights to where they began. Default 1e-3. */
	readonly l2: number;
	/** Pull of a context's weights to the shared ones. Default 2e-3. */
	readonly contextL2: number;
	/** N accesses in a window weigh `N / (1 + N / burst)`: a burst teaches one thing, however long it is. Default 10. */
	readonly burst: number;
	readonly seed: number;
}

export const FIT_SETTINGS: FitSettings = {
	epochs: 6,
	batch: 512,
	minSteps: 300,
	learningRate: 0.02,
	l2: 1e-3,
	contextL2: 2e-3,
	burst: 10,
	seed: 1,
};

/** Decay rates and the guard of Adam. @see D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015), section 2 */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * Weights that have the least log-loss on the windows: shared ones and, held close to them, each context's deviations.
 *
 * @param start where the fit begins, and where few windows leave it. @default all experts alike
 */
export function fitGatedPool(windows: WindowSet, settings: FitSettings = FIT_SETTINGS, start?: GatedWeights): GatedWeights {
	const fit = new Fit(windows, settings, start);
	return fit.run();
}

class Fit {
	readonly #windows: WindowSet;
	readonly #settings: FitSettings;
	/** Shared logits, exponents and the logit of the linear share, then each context's deviations in the same order. */
	readonly #parameters: Float64Array;
	/** What they are pulled to. */
	readonly #origin: Float64Array;
	readonly #gradient: Float64Array;
	readonly #mean: Float64Array;
	readonly #square: Float64Array;
	readonly #weights: { experts: number; linearShare: Float64Array; linear: Float64Array; log: Float64Array };
	/** Parameters of one context. */
	readonly #stride: number;
	readonly #mixer: PoolMixer;
	readonly #forecast: Float64Array;
	readonly #byShare: Float64Array;
	#step = 0;

	constructor(windows: WindowSet, settings: FitSettings, start: GatedWeights | undefined) {
		const { experts, regions } = windows;
		this.#stride = 2 * experts + 1;
		const size = this.#stride * (1 + CONTEXTS);
		this.#windows = windows;
		this.#settings = settings;
		this.#origin = start === undefined ? new Float64Array(size).fill(1 / experts, experts, 2 * experts) : parametersOf(start);
		this.#parameters = this.#origin.slice();
		this.#gradient = new Float64Array(size);
		this.#mean = new Float64Array(size);
		this.#square = new Float64Array(size);
		this.#weights = {
			experts,
			linearShare: new Float64Array(CONTEXTS),
			linear: new Float64Array(CONTEXTS * experts),
			log: new Float64Array(CONTEXTS * experts),
		};
		this.#mixer = new PoolMixer(regions);
		this.#forecast = new Float64Array(regions);
		this.#byShare = new Float64Array(experts);
	}

	run(): GatedWeights {
		const { batch, minSteps, seed } = this.#settings;
		const { size } = this.#windows;
		const stepsPerPass = Math.max(1, Math.ceil(size / batch));
		const epochs = Math.max(this.#settings.epochs, Math.ceil(minSteps / stepsPerPass));
		const order = Int32Array.from({ length: size }, (_, index) => index);
		const random = seededRandom(seed);
		const steps = epochs * stepsPerPass;
		for (let epoch = 0; epoch < epochs; epoch += 1) {
			shuffle(order, random);
			for (let from = 0; from < size; from += batch) this.#descend(order, from, Math.min(size, from + batch), steps);
		}
		this.#spread();
		return this.#weights;
	}

	/** The weights of every context from the parameters. */
	#spread(): void {
		const { experts } = this.#windows;
		for (let context = 0; context < CONTEXTS; context += 1) {
			const own = this.#stride * (1 + context);
			this.#weights.linearShare[context] = sigmoid((this.#parameters[2 * experts] ?? 0) + (this.#parameters[own + 2 * experts] ?? 0));
			let total = 0;
			for (let expert = 0; expert < experts; expert += 1) {
				const share = Math.exp((this.#parameters[expert] ?? 0) + (this.#parameters[own + expert] ?? 0));
				this.#weights.linear[context * experts + expert] = share;
				total += share;
				this.#weights.log[context * experts + expert] =
					(this.#parameters[experts + expert] ?? 0) + (this.#parameters[own + experts + expert] ?? 0);
			}
			for (let expert = 0; expert < experts; expert += 1) {
				const at = context * experts + expert;
				this.#weights.linear[at] = (this.#weights.linear[at] ?? 0) / total;
			}
		}
	}

	#descend(order: Int32Array, from: number, to: number, steps: number): void {
		this.#spread();
		this.#gradient.fill(0);
		let weight = 0;
		for (let at = from; at < to; at += 1) weight += this.#addGradient(order[at] ?? 0);
		const { learningRate, l2, contextL2 } = this.#settings;
		this.#step += 1;
		const rate = (learningRate * (1 + Math.cos((Math.PI * this.#step) / steps))) / 2;
		for (let index = 0; index < this.#parameters.length; index += 1) {
			const value = this.#parameters[index] ?? 0;
			const pull = (index < this.#stride ? l2 : contextL2) * (value - (this.#origin[index] ?? 0));
			const slope = (this.#gradient[index] ?? 0) / weight + pull;
			const mean = ADAM.beta1 * (this.#mean[index] ?? 0) + (1 - ADAM.beta1) * slope;
			const square = ADAM.beta2 * (this.#square[index] ?? 0) + (1 - ADAM.beta2) * slope ** 2;
			this.#mean[index] = mean;
			this.#square[index] = square;
			const direction = mean / (1 - ADAM.beta1 ** this.#step) / (Math.sqrt(square / (1 - ADAM.beta2 ** this.#step)) + ADAM.epsilon);
			this.#parameters[index] = value - rate * direction;
		}
	}

	/** Adds one window's gradient to the shared parameters and its context's; returns its weight. */
	#addGradient(window: number): number {
		const { experts, regions, forecasts, outcomes, contexts } = this.#windows;
		const context = contexts[window] ?? 0;
		const at = window * experts * regions;
		this.#mixer.mix(forecasts, at, this.#weights, context, this.#forecast);
		let accesses = 0;
		for (let region = 0; region < regions; region += 1) accesses += outcomes[window * regions + region] ?? 0;
		const weight = accesses / (1 + accesses / this.#settings.burst);
		const scale = (weight / accesses) * (1 - regions * FLOOR);
		const linearShare = this.#weights.linearShare[context] ?? 0.5;
		const own = this.#stride * (1 + context);
		let byProportion = 0;
		this.#byShare.fill(0);
		for (let region = 0; region < regions; region += 1) {
			const count = outcomes[window * regions + region] ?? 0;
			if (count === 0) continue;
			const slope = (-scale * count) / (this.#forecast[region] ?? 1);
			byProportion += slope * ((this.#mixer.linear[region] ?? 0) - (this.#mixer.log[region] ?? 0));
			for (let expert = 0; expert < experts; expert += 1) {
				this.#byShare[expert] = (this.#byShare[expert] ?? 0) + linearShare * slope * (forecasts[at + expert * regions + region] ?? 0);
			}
		}
		this.#addExponents(window, at, own, scale * (1 - linearShare));
		this.#add(2 * experts, own, byProportion * linearShare * (1 - linearShare));
		let mean = 0;
		for (let expert = 0; expert < experts; expert += 1)
			mean += (this.#byShare[expert] ?? 0) * (this.#weights.linear[context * experts + expert] ?? 0);
		for (let expert = 0; expert < experts; expert += 1) {
			const slope = (this.#weights.linear[context * experts + expert] ?? 0) * ((this.#byShare[expert] ?? 0) - mean);
			this.#add(expert, own, slope);
		}
		return weight;
	}

	/** To a shared parameter and to its deviation in the context at `own`. */
	#add(parameter: number, own: number, slope: number): void {
		this.#gradient[parameter] = (this.#gradient[parameter] ?? 0) + slope;
		this.#gradient[own + parameter] = (this.#gradient[own + parameter] ?? 0) + slope;
	}

	#addExponents(window: number, at: number, own: number, scale: number): void {
		const { experts, regions, forecasts, outcomes } = this.#windows;
		const { log } = this.#mixer;
		for (let expert = 0; expert < experts; expert += 1) {
			let mean = 0;
			for (let region = 0; region < regions; region += 1)
				mean += (log[region] ?? 0) * Math.log(forecasts[at + expert * regions + region] ?? 0);
			let slope = 0;
			for (let region = 0; region < regions; region += 1) {
				const count = outcomes[window * regions + region] ?? 0;
				if (count === 0) continue;
				const excess = Math.log(forecasts[at + expert * regions + region] ?? 0) - mean;
				slope += ((-scale * count) / (this.#forecast[region] ?? 1)) * (log[region] ?? 0) * excess;
			}
			this.#add(experts + expert, own, slope);
		}
	}
}

/** A share of nothing could never grow. */
const LEAST_SHARE = 1e-4;

/** The parameters behind weights: the mean of all contexts, then what each deviates from it. */
function parametersOf({ experts, linearShare, linear, log }: GatedWeights): Float64Array {
	const stride = 2 * experts + 1;
	const parameters = new Float64Array(stride * (1 + CONTEXTS));
	for (let context = 0; context < CONTEXTS; context += 1) {
		const own = stride * (1 + context);
		for (let expert = 0; expert < experts; expert += 1) {
			parameters[own + expert] = Math.log(Math.max(LEAST_SHARE, linear[context * experts + expert] ?? 0));
			parameters[own + experts + expert] = log[context * experts + expert] ?? 0;
		}
		const share = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, linearShare[context] ?? 0.5));
		parameters[own + 2 * experts] = Math.log(share / (1 - share));
		for (let at = 0; at < stride; at += 1) parameters[at] = (parameters[at] ?? 0) + (parameters[own + at] ?? 0) / CONTEXTS;
	}
	for (let at = stride; at < parameters.length; at += 1) parameters[at] = (parameters[at] ?? 0) - (parameters[at % stride] ?? 0);
	return parameters;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function shuffle(order: Int32Array, random: () => number): void {
	for (let index = order.length - 1; index > 0; index -= 1) {
		const other = Math.floor(random() * (index + 1));
		const kept = order[index] ?? 0;
		order[index] = order[other] ?? 0;
		order[other] = kept;
	}
}
