import type { SetTable } from "#domain/placement/sets/set-table.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** Neighbours of each set or state, flat: `each` numbers for every one. */
export interface Neighbours {
	readonly of: Int32Array;
	readonly each: number;
}

/** Where a partition may stand: a set with one of its members as the leader, `set * copies + position of the leader`. */
export class States {
	readonly table: SetTable;
	readonly size: number;
	/** Leaders by state. */
	readonly leader: Uint8Array;
	/** States that differ in one member which does not lead (with one copy: in the leader). */
	readonly swaps: Neighbours;
	/** Sets that differ in one member. */
	readonly setSwaps: Neighbours;
	/** Expected round-trip time in ms of an access from region `r` at `r * size + state`. */
	readonly expectedMs: Float64Array;

	constructor(world: ReplayWorld) {
		const { table } = world;
		const { copies, regions } = table;
		this.table = table;
		this.size = table.size * copies;
		this.leader = Uint8Array.from(table.members);
		this.swaps = neighbours(this.size, Math.max(1, copies - 1) * (regions - copies), (state) => this.#swapsOf(state));
		this.setSwaps = neighbours(table.size, copies * (regions - copies), (set) => swapsOf(table, set).map(({ other }) => other));
		this.expectedMs = Float64Array.from({ length: regions * this.size }, (_, at) => {
			const state = at % this.size;
			return world.expectedMs(Math.floor(at / this.size), this.set(state), this.leader[state] ?? 0);
		});
	}

	of(set: number, leader: number): number {
		const from = set * this.table.copies;
		return from + this.table.members.subarray(from, from + this.table.copies).indexOf(leader);
	}

	set(state: number): number {
		return Math.floor(state / this.table.copies);
	}

	#swapsOf(state: number): number[] {
		const leader = this.leader[state] ?? 0;
		const swaps = swapsOf(this.table, this.set(state));
		if (this.table.copies === 1) return swaps.map(({ other, come }) => this.of(other, come));
		return swaps.filter(({ gone }) => gone !== leader).map(({ other }) => this.of(other, leader));
	}
}

interface Swap {
	readonly other: number;
	/** The members by which the sets differ. */
	readonly gone: number;
	readonly come: number;
}

function swapsOf(table: SetTable, set: number): readonly Swap[] {
	const mask = table.masks[set] ?? 0;
	const regions = [...Array(table.regions).keys()];
	const members = regions.filter((region) => table.has(set, region));
	const others = regions.filter((region) => !table.has(set, region));
	return members.flatMap((gone) => others.map((come) => ({ other: table.indexOf((mask & ~(1 << gone)) | (1 << come)), gone, come })));
}

function neighbours(size: number, each: number, list: (index: number) => readonly number[]): Neighbours {
	const of = new Int32Array(size * each);
	for (let index = 0; index < size; index += 1) of.set(list(index), index * each);
	return { of, each };
}
