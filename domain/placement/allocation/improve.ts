import type { Filling } from "#domain/placement/allocation/fill.ts";

/** Pairs looked at, at most: with few partitions all of them, again and again. */
const PAIRS = 400_000;

/** Gives single partitions, then pairs of them, what saves more, until nothing does. */
export function improve(filling: Filling): void {
	const budget = { pairs: PAIRS };
	let improved = true;
	while (improved && budget.pairs > 0) {
		improved = improveSingles(filling);
		improved = improvePairs(filling, budget) || improved;
	}
}

function improveSingles(filling: Filling): boolean {
	const { start, items } = filling.problem;
	let improved = false;
	for (let item = 0; item < items; item += 1)
		for (let option = start[item] ?? 0; option < (start[item + 1] ?? 0); option += 1)
			if (filling.savingMs(item, option) > 0 && filling.tryGive(item, option)) improved = true;
	return improved;
}

/** One partition gets what does not fit, and another makes room for less than that saves. */
function improvePairs(filling: Filling, budget: { pairs: number }): boolean {
	const { problem } = filling;
	let improved = false;
	for (let item = 0; item < problem.items && budget.pairs > 0; item += 1) {
		for (let option = problem.start[item] ?? 0; option < (problem.start[item + 1] ?? 0); option += 1) {
			const before = filling.chosen[item] ?? 0;
			const savingMs = filling.savingMs(item, option);
			if (!(savingMs > 0)) continue;
			filling.give(item, option);
			if (makeRoom(filling, item, savingMs, budget)) improved = true;
			else filling.give(item, before);
		}
	}
	return improved;
}

/** Whether some other partition could give way, and did, so that everything fits. */
function makeRoom(filling: Filling, besides: number, belowMs: number, budget: { pairs: number }): boolean {
	const { problem } = filling;
	for (let item = 0; item < problem.items && budget.pairs > 0; item += 1) {
		if (item === besides) continue;
		const before = filling.chosen[item] ?? 0;
		for (let option = problem.start[item] ?? 0; option < (problem.start[item + 1] ?? 0); option += 1) {
			if (option === before || -filling.savingMs(item, option) >= belowMs) continue;
			budget.pairs -= 1;
			filling.give(item, option);
			if (problem.fits(filling.used)) return true;
			filling.give(item, before);
		}
	}
	return false;
}
