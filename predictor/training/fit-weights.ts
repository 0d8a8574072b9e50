import { seededRandom } from "#domain/shared/seeded-random.ts";
import { softmax } from "#predictor/models/distribution.ts";

/** One window as the fit sees it. */
export interface Example {
	/** An expert a row, each a distribution over regions. */
	readonly forecasts: readonly (readonly number[])[];
	/** Accesses by region. */
	readonly outcome: readonly number[];
}

export interface FitSettings {
	/** Passes over the examples. Default 8. */
	readonly epochs: number;
	/** Examples a step. Default 512. */
	readonly batch: number;
	/** Step size at the beginning; falls to 0 as a cosine. Default 0.02. */
	readonly learningRate: number;
	/** Steps that are made at least, however few examples there are: more passes then. Default 300. */
	readonly minSteps: number;
	/** Pull of every weight towards where it began. Default 0.001. */
	readonly l2: number;
	readonly seed: number;
}

/** @see docs/internals/prediction.md for where the numbers come from */
export const FIT_SETTINGS: FitSettings = { epochs: 8, batch: 512, learningRate: 0.02, minSteps: 300, l2: 1e-3, seed: 1 };

/** Decay rates and the guard of Adam. @see D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015), section 2 */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Weights of both pools, an expert each: shares with sum 1, and exponents. */
export interface PoolWeights {
	readonly linear: readonly number[];
	readonly log: readonly number[];
}

/** Every expert alike. */
export const evenWeights = (experts: number): PoolWeights => ({
	linear: Array<number>(experts).fill(1 / experts),
	log: Array<number>(experts).fill(1 / experts),
});

/** A share of nothing could never grow. */
const LEAST_SHARE = 1e-3;

/**
 * Weights of a linear and a logarithmic pool whose mean has the lowest log-loss on the examples, an access counting once. The same
 * examples, settings and seed give the same weights.
 *
 * @param start where the fit begins, and where few examples leave it
 */
export function fitWeights(examples: readonly Example[], start: PoolWeights, settings: FitSettings): { linear: number[]; log: number[] } {
	const experts = start.log.length;
	// shares as logits, then the exponents of the logarithmic pool
	const origin = [...start.linear.map((share) => Math.log(Math.max(share, LEAST_SHARE))), ...start.log];
	const weights = [...origin];
	const [mean, square] = [weights.map(() => 0), weights.map(() => 0)];
	const random = seededRandom(settings.seed);
	const order = examples.map((_, index) => index);
	const stepsPerPass = Math.max(1, Math.ceil(examples.length / settings.batch));
	const epochs = Math.max(settings.epochs, Math.ceil(settings.minSteps / stepsPerPass));
	const steps = stepsPerPass * epochs;
	let step = 0;
	for (let epoch = 0; epoch < epochs; epoch += 1) {
		shuffle(order, random);
		for (let from = 0; from < order.length; from += settings.batch) {
			step += 1;
			const gradient = gradientOf(examples, order.slice(from, from + settings.batch), weights, origin, settings.l2);
			const rate = (settings.learningRate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
			descend(weights, gradient, mean, square, rate, step);
		}
	}
	return { linear: softmax(weights.slice(0, experts)), log: weights.slice(experts) };
}

/** Of the mean loss of an access of the batch, and the pull towards the origin. */
function gradientOf(
	examples: readonly Example[],
	batch: readonly number[],
	weights: readonly number[],
	origin: readonly number[],
	l2: number,
): number[] {
	const experts = weights.length / 2;
	const gradient = weights.map(() => 0);
	const shares = softmax(weights.slice(0, experts));
	const exponents = weights.slice(experts);
	let accesses = 0;
	for (const index of batch) {
		const example = examples[index];
		if (example !== undefined) accesses += addGradient(gradient, example, shares, exponents);
	}
	return gradient.map((value, index) => value / Math.max(1, accesses) + l2 * ((weights[index] ?? 0) - (origin[index] ?? 0)));
}

/** Adds one example's gradient; returns its accesses. */
function addGradient(gradient: number[], { forecasts, outcome }: Example, shares: readonly number[], exponents: readonly number[]): number {
	const experts = shares.length;
	const logs = forecasts.map((forecast) => forecast.map((p) => Math.log(Math.max(p, Number.MIN_VALUE))));
	const linear = outcome.map((_, region) => forecasts.reduce((sum, forecast, k) => sum + (shares[k] ?? 0) * (forecast[region] ?? 0), 0));
	const logarithmic = softmax(outcome.map((_, region) => logs.reduce((sum, log, k) => sum + (exponents[k] ?? 0) * (log[region] ?? 0), 0)));
	// half: the forecast is the mean of both pools
	const slope = outcome.map((count, region) => -count / ((linear[region] ?? 0) + (logarithmic[region] ?? 0)));
	const byShare = forecasts.map((forecast) => forecast.reduce((sum, p, region) => sum + (slope[region] ?? 0) * p, 0));
	const meanShare = byShare.reduce((sum, value, k) => sum + value * (shares[k] ?? 0), 0);
	const meanSlope = slope.reduce((sum, value, region) => sum + value * (logarithmic[region] ?? 0), 0);
	for (let k = 0; k < experts; k += 1) {
		gradient[k] = (gradient[k] ?? 0) + (shares[k] ?? 0) * ((byShare[k] ?? 0) - meanShare);
		const byExponent = slope.reduce(
			(sum, value, region) => sum + (logarithmic[region] ?? 0) * (value - meanSlope) * (logs[k]?.[region] ?? 0),
			0,
		);
		gradient[experts + k] = (gradient[experts + k] ?? 0) + byExponent;
	}
	return outcome.reduce((sum, count) => sum + count, 0);
}

function descend(weights: number[], gradient: readonly number[], mean: number[], square: number[], rate: number, step: number): void {
	gradient.forEach((slope, index) => {
		const first = ADAM.beta1 * (mean[index] ?? 0) + (1 - ADAM.beta1) * slope;
		const second = ADAM.beta2 * (square[index] ?? 0) + (1 - ADAM.beta2) * slope ** 2;
		mean[index] = first;
		square[index] = second;
		const direction = first / (1 - ADAM.beta1 ** step) / (Math.sqrt(second / (1 - ADAM.beta2 ** step)) + ADAM.epsilon);
		weights[index] = (weights[index] ?? 0) - rate * direction;
	});
}

function shuffle(order: number[], random: () => number): void {
	for (let index = order.length - 1; index > 0; index -= 1) {
		const other = Math.floor(random() * (index + 1));
		const kept = order[index] ?? 0;
		order[index] = order[other] ?? 0;
		order[other] = kept;
	}
}
