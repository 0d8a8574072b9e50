import { seededRandom } from "#domain/shared/seeded-random.ts";

/** Draws from one stream of numbers: the same seed gives the same numbers, on every machine. */
export class Draws {
	readonly #next: () => number;

	constructor(seed: number) {
		this.#next = seededRandom(seed);
	}

	/** Uniform in [0, 1). */
	next(): number {
		return this.#next();
	}

	/** A whole number in [0, bound). */
	below(bound: number): number {
		return Math.floor(this.next() * bound);
	}

	between(low: number, high: number): number {
		return low + this.next() * (high - low);
	}

	/** True with probability `share`. */
	chance(share: number): boolean {
		return this.next() < share;
	}

	/** @throws RangeError when there is nothing to pick from */
	pick<T>(choices: readonly T[]): T {
		const found = choices[this.below(choices.length)];
		if (found === undefined) throw new RangeError("nothing to pick from");
		return found;
	}
}

/**
 * A seed of its own for one actor: what one actor draws does not depend on how much the others draw, so parts of a run can be taken
 * away and the rest stays alike.
 */
export function subSeed(seed: number, label: string, index = 0): number {
	let hash = seed ^ 0x9e3779b9;
	for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
	hash = Math.imul(hash ^ index, 0x85ebca6b);
	hash ^= hash >>> 13;
	hash = Math.imul(hash, 0xc2b2ae35);
	return hash ^ (hash >>> 16);
}
