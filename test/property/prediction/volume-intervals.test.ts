import { describe, expect, it } from "vitest";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { interval80 } from "#predictor/models/negative-binomial.ts";
import { VolumeIntervals } from "#predictor/models/volume-intervals.ts";
import fc from "#test/__helpers__/fast-check.ts";

/** A normal number, by Box and Muller. */
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Poisson by Knuth's products for small means, by the normal distribution for large ones. */
function poisson(mean: number, random: () => number): number {
	if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
	const floor = Math.exp(-mean);
	let count = -1;
	for (let product = 1; product > floor; product *= random()) count += 1;
	return count;
}

/** Counts whose rate scatters lognormally around what was expected: `spread` 0 is Poisson. */
const draw = (mean: number, spread: number, random: () => number): number =>
	poisson(mean * Math.exp(spread * normal(random) - (spread * spread) / 2), random);

const EARLIER = 1_500;
const LATER = 1_500;

describe("80 % intervals of the numbers of accesses", () => {
	const series = fc.record({
		mean: fc.constantFrom(8, 25, 80, 250),
		spread: fc.constantFrom(0, 0.3, 0.8),
		// what the model believes of the scatter, and how far its mean is off
		dispersion: fc.constantFrom(0.01, 0.5, 4),
		bias: fc.constantFrom(0.9, 1, 1.2),
		seed: fc.integer({ min: 1, max: 1e6 }),
	});

	it("hold some 80 % of what comes later, however wide the model's own are, where it is biased, Poisson or not", () => {
		fc.assert(
			fc.property(series, ({ mean, spread, dispersion, bias, seed }) => {
				const random = seededRandom(seed);
				const intervals = new VolumeIntervals();
				const expected = mean * bias;
				let inside = 0;
				for (let window = 0; window < EARLIER + LATER; window += 1) {
					const accesses = draw(mean, spread, random);
					const [low, high] = intervals.adjust(expected, interval80(expected, dispersion));
					if (window >= EARLIER && accesses >= low && accesses <= high) inside += 1;
					intervals.add(expected, accesses);
				}
				expect(inside / LATER).toBeGreaterThan(0.74);
				expect(inside / LATER).toBeLessThan(0.9);
			}),
			{ numRuns: 40 },
		);
	});

	it("are the model's own until something was seen, and lie around each other in order", () => {
		fc.assert(
			fc.property(series, fc.array(fc.nat({ max: 2_000 }), { maxLength: 50 }), ({ mean, dispersion }, counts) => {
				const own = interval80(mean, dispersion);
				const intervals = new VolumeIntervals();
				expect(intervals.adjust(mean, own)).toEqual([...own]);
				for (const count of counts) intervals.add(mean, count);
				const [low, high] = intervals.adjust(mean, own);
				expect(low).toBeGreaterThanOrEqual(0);
				expect(high).toBeGreaterThanOrEqual(low);
			}),
		);
	});

	it("are the same from windows one by one and from sums of them", () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.double({ min: 0.01, max: 500, noNaN: true }), fc.nat({ max: 900 })), { maxLength: 40 }),
				(windows) => {
					const [each, sums] = [new VolumeIntervals(), new VolumeIntervals()];
					for (const [expected, accesses] of windows) {
						each.add(expected, accesses);
						const one = new VolumeIntervals();
						one.add(expected, accesses);
						sums.addSums(one.sums());
					}
					expect(sums.sums()).toEqual(each.sums().map((value) => expect.closeTo(value, 9)));
				},
			),
		);
	});

	it("of classes that nothing was seen of are not changed by others", () => {
		const intervals = new VolumeIntervals();
		for (let window = 0; window < 500; window += 1) intervals.add(50, 0);
		expect(intervals.adjust(5, [2, 9])).toEqual([2, 9]);
	});
});
