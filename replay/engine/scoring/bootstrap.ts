import { seededRandom } from "#domain/shared/seeded-random.ts";

const RESAMPLES = 500;
const CONFIDENCE = 0.95;

/** Means under resampling: which partitions are drawn is the same for every policy, so that differences can be paired. */
export class Bootstrap {
	readonly #accesses: Float64Array;
	/** How often each partition is drawn, resample after resample. */
	readonly #draws: Uint16Array;

	/** @param accesses by partition, those that are scored */
	constructor(accesses: Float64Array, seed: number) {
		const random = seededRandom(seed);
		const drawable = [...accesses.keys()].filter((partition) => (accesses[partition] ?? 0) > 0);
		this.#accesses = accesses;
		this.#draws = new Uint16Array(RESAMPLES * accesses.length);
		for (let resample = 0; resample < RESAMPLES; resample += 1) {
			for (let draw = 0; draw < drawable.length; draw += 1) {
				const at = resample * accesses.length + (drawable[Math.floor(random() * drawable.length)] ?? 0);
				this.#draws[at] = (this.#draws[at] ?? 0) + 1;
			}
		}
	}

	/** Mean of a sum by partition over accesses, in every resample. */
	means(sums: Float64Array): Float64Array {
		const size = sums.length;
		return Float64Array.from({ length: RESAMPLES }, (_, resample) => {
			let sum = 0;
			let accesses = 0;
			for (let partition = 0; partition < size; partition += 1) {
				const draws = this.#draws[resample * size + partition] ?? 0;
				if (draws === 0) continue;
				sum += draws * (sums[partition] ?? 0);
				accesses += draws * (this.#accesses[partition] ?? 0);
			}
			return sum / accesses;
		});
	}
}

/** The central interval that holds 95 % of the values. */
export function intervalOf(values: Float64Array): readonly [low: number, high: number] {
	const sorted = values.slice().sort();
	const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
	return [at((1 - CONFIDENCE) / 2), at((1 + CONFIDENCE) / 2)];
}
