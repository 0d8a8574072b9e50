import { assert } from "#domain/shared/assert.ts";

/** More sets than this are not looked at one by one. */
export const MAX_SETS = 5_000;
/** Sets are bit masks. */
const MAX_REGIONS = 30;

/** `n` over `k`. */
export function choose(n: number, k: number): number {
	let result = 1;
	for (let i = 1; i <= k; i += 1) result = (result * (n - k + i)) / i;
	return Math.round(result);
}

/**
 * Every set of `copies` out of a number of regions, with the round-trip time from each region to the set's nearest member. All arrays are
 * flat: set after set.
 */
export class SetTable {
	readonly regions: number;
	readonly copies: number;
	/** Number of sets. */
	readonly size: number;
	/** Round-trip time in ms from region `r` to the region `s` at `r * regions + s`. */
	readonly rttMs: Float64Array;
	/** `copies` regions a set, ascending. */
	readonly members: Uint8Array;
	/** Round-trip time in ms from each region to the nearest member, `regions` numbers a set. */
	readonly nearMs: Float64Array;
	/** Bit r is set where region r is a member. */
	readonly masks: Int32Array;
	readonly #byMask: ReadonlyMap<number, number>;

	/**
	 * @param rttMs `regions` times `regions` numbers, from viewer to copy
	 * @param sets members of each set, ascending, where not all sets are asked for
	 */
	constructor(regions: number, copies: number, rttMs: Float64Array, sets: readonly (readonly number[])[] = allSets(regions, copies)) {
		assert(regions <= MAX_REGIONS && copies >= 1 && copies <= regions, "1 to 30 regions, at least as many as copies");
		this.regions = regions;
		this.copies = copies;
		this.rttMs = rttMs;
		this.size = sets.length;
		this.members = Uint8Array.from(sets.flat());
		this.masks = Int32Array.from(sets, (set) => set.reduce((mask, region) => mask | (1 << region), 0));
		this.nearMs = Float64Array.from(
			sets.flatMap((set) => Array.from({ length: regions }, (_, from) => Math.min(...set.map((to) => rttMs[from * regions + to] ?? 0)))),
		);
		this.#byMask = new Map([...this.masks].map((mask, index) => [mask, index]));
	}

	/** @returns the index of the set with these members; -1 where it has another size */
	indexOf(mask: number): number {
		return this.#byMask.get(mask) ?? -1;
	}

	has(set: number, region: number): boolean {
		return ((this.masks[set] ?? 0) & (1 << region)) !== 0;
	}

	/** The demand-weighted sum of round-trip times to the set's nearest member. @param demand weights by region, from `offset` on */
	nearCost(set: number, demand: Float64Array, offset = 0): number {
		const from = set * this.regions;
		let sum = 0;
		for (let region = 0; region < this.regions; region += 1) sum += (demand[offset + region] ?? 0) * (this.nearMs[from + region] ?? 0);
		return sum;
	}

	/** Writes the demand-weighted sum of round-trip times to each region to `out`. */
	leaderCosts(demand: Float64Array, out: Float64Array, offset = 0): void {
		const { regions, rttMs } = this;
		out.fill(0);
		for (let from = 0; from < regions; from += 1) {
			const weight = demand[offset + from] ?? 0;
			if (weight === 0) continue;
			for (let to = 0; to < regions; to += 1) out[to] = (out[to] ?? 0) + weight * (rttMs[from * regions + to] ?? 0);
		}
	}

	/** The member with the least of `costs` (by region). */
	bestLeader(set: number, costs: Float64Array): number {
		let best = this.members[set * this.copies] ?? 0;
		for (let at = set * this.copies + 1; at < (set + 1) * this.copies; at += 1) {
			const member = this.members[at] ?? 0;
			if ((costs[member] ?? 0) < (costs[best] ?? 0)) best = member;
		}
		return best;
	}

	/** How many members of `to` are not in `from`: the copies to make. */
	added(from: number, to: number): number {
		return countBits((this.masks[to] ?? 0) & ~(this.masks[from] ?? 0));
	}
}

/** Hacker's Delight, section 5-1. */
export function countBits(bits: number): number {
	let x = bits - ((bits >>> 1) & 0x55555555);
	x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
	return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

function allSets(regions: number, copies: number): readonly (readonly number[])[] {
	assert(choose(regions, copies) <= MAX_SETS, "few enough sets to look at each");
	return [...combinations(regions, copies)];
}

function* combinations(regions: number, copies: number, from = 0): Generator<number[]> {
	if (copies === 0) yield [];
	else
		for (let region = from; region <= regions - copies; region += 1)
			for (const rest of combinations(regions, copies - 1, region + 1)) yield [region, ...rest];
}
