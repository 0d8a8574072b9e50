import { describe, expect, it } from "vitest";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { fitDispersion, interval80 } from "#predictor/models/negative-binomial.ts";

/** P(count <= most) by the definition, as a Poisson mixture's closed form. */
function share(mean: number, dispersion: number, most: number): number {
	let probability = dispersion === 0 ? Math.exp(-mean) : (1 + dispersion * mean) ** (-1 / dispersion);
	let sum = probability;
	for (let count = 0; count < most; count += 1) {
		probability *= (mean + dispersion * mean * count) / ((count + 1) * (1 + dispersion * mean));
		sum += probability;
	}
	return sum;
}

describe("the interval of a count", () => {
	it.each([
		[0.05, 0.5],
		[3, 0],
		[3, 2],
		[150, 0.3],
	])("of mean %d and dispersion %d holds 80 % and no count too many", (mean, dispersion) => {
		const [low, high] = interval80(mean, dispersion);
		expect(share(mean, dispersion, high)).toBeGreaterThanOrEqual(0.9);
		if (high > 0) expect(share(mean, dispersion, high - 1)).toBeLessThan(0.9);
		if (low > 0) expect(share(mean, dispersion, low - 1)).toBeLessThan(0.1);
	});

	it.each([0, 0.1, 1])("goes on smoothly where counts become large, with dispersion %d", (dispersion) => {
		const [below, above] = [interval80(199.9, dispersion), interval80(200.1, dispersion)];
		// the approximation is 7 % off at the lower end of the widest
		for (const end of [0, 1] as const) expect(Math.abs(above[end] / below[end] - 1)).toBeLessThan(0.08);
		expect(interval80(0, dispersion)).toEqual([0, 0]);
	});
});

it("the dispersion is found again in counts that were drawn with it", () => {
	const random = seededRandom(3);
	// gamma with shape 2 as a sum of two exponentials: dispersion 1/2
	const draw = (mean: number): number => {
		let rate = (-Math.log(1 - random()) - Math.log(1 - random())) * (mean / 2);
		let count = -1;
		for (; rate > 0; count += 1) rate += Math.log(1 - random());
		return Math.max(0, count);
	};
	const means = Float64Array.from({ length: 4000 }, (_, index) => 1 + (index % 9));
	expect(fitDispersion(means, means.map(draw))).toBeGreaterThan(0.3);
	expect(fitDispersion(means, means.map(draw))).toBeLessThan(0.8);
});
