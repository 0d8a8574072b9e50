import { hash64 } from "#domain/ring/hash.ts";

/** Uniform numbers in [0, 1) that are a function of a name and how often it was asked: no state is shared between names. */
export function drawsOf(name: string): () => number {
	let asked = 0;
	return () => {
		asked += 1;
		return Number(hash64(`${name}#${asked}`) >> 11n) / 2 ** 53;
	};
}

/** A Poisson number by Knuth's product method; good for means below some hundred. */
export function poisson(mean: number, draw: () => number): number {
	const floor = Math.exp(-mean);
	let product = draw();
	let count = 0;
	while (product > floor) {
		product *= draw();
		count += 1;
	}
	return count;
}

/** One of the items, each as likely. */
export const pick = <T>(items: readonly T[], draw: () => number): T => items[Math.floor(draw() * items.length)] as T;
