import type { SetTable } from "#domain/placement/sets/set-table.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import type { Placements } from "#replay/engine/initial-placement.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/**
 * Plays the cheapest sequence of sets and leaders that anybody could have chosen, knowing all accesses: dynamic programming a partition
 * over the scored hours with accesses, with the same charges and lead time. No cool-down binds it, so it is a bound from below.
 *
 * @param start where partitions stand when the scored part begins
 */
export function playOracle(world: ReplayWorld, start: Placements, account: Account): void {
	const states = new States(world.table);
	for (let partition = 0; partition < world.trace.partitions.length; partition += 1)
		playPartition(world, states, partition, start, account);
}

/** A state is a set with one of its members as the leader: `set * copies + position of the leader`. */
class States {
	readonly table: SetTable;
	readonly size: number;
	/** Leaders by state. */
	readonly leader: Uint8Array;
	/** Neighbours that differ in one member which does not lead (with one copy: in the leader), flat. */
	readonly swaps: Int32Array;
	readonly swapsEach: number;

	constructor(table: SetTable) {
		const { copies, regions } = table;
		this.table = table;
		this.size = table.size * copies;
		this.leader = Uint8Array.from(table.members);
		this.swapsEach = Math.max(1, copies - 1) * (regions - copies);
		this.swaps = new Int32Array(this.size * this.swapsEach);
		for (let state = 0; state < this.size; state += 1) this.swaps.set(this.#swapsOf(state), state * this.swapsEach);
	}

	of(set: number, leader: number): number {
		const from = set * this.table.copies;
		return from + this.table.members.subarray(from, from + this.table.copies).indexOf(leader);
	}

	set(state: number): number {
		return Math.floor(state / this.table.copies);
	}

	#swapsOf(state: number): number[] {
		const { copies, regions, members, masks } = this.table;
		const set = this.set(state);
		const leader = this.leader[state] ?? 0;
		const neighbours: number[] = [];
		for (let at = set * copies; at < (set + 1) * copies; at += 1) {
			const member = members[at] ?? 0;
			if (member === leader && copies > 1) continue;
			for (let region = 0; region < regions; region += 1) {
				if (this.table.has(set, region)) continue;
				const other = this.table.indexOf(((masks[set] ?? 0) & ~(1 << member)) | (1 << region));
				neighbours.push(this.of(other, copies > 1 ? leader : region));
			}
		}
		return neighbours;
	}
}

function playPartition(world: ReplayWorld, states: States, partition: number, start: Placements, account: Account): void {
	const hours = scoredHours(world, partition);
	if (hours.length === 0) return;
	const path = cheapestPath(world, states, hours, states.of(start.set[partition] ?? 0, start.leader[partition] ?? 0));
	let before = path[0] ?? 0;
	hours.forEach(({ hour, cells }, index) => {
		const state = path[index + 1] ?? 0;
		const copies = states.table.added(states.set(before), states.set(state));
		if (copies > 0) account.copied(partition, hour, copies);
		if (states.leader[state] !== states.leader[before] && states.table.copies > 1) account.transferred(partition, hour);
		for (const cell of cells) account.serve(cell, states.set(state), states.leader[state] ?? 0);
		before = state;
	});
}

interface ActiveHour {
	readonly hour: number;
	readonly cells: readonly number[];
	/** Nothing can have changed yet: the partition has only just been touched for the first time. */
	readonly fixed: boolean;
}

function scoredHours({ trace, order, scoredFromHour }: ReplayWorld, partition: number): readonly ActiveHour[] {
	const { cells } = trace;
	const begin = order.start[partition] ?? 0;
	const firstHour = cells.hour[order.cells[begin] ?? 0] ?? 0;
	const groups = new Map<number, number[]>();
	for (let at = begin; at < (order.start[partition + 1] ?? 0); at += 1) {
		const cell = order.cells[at] ?? 0;
		const hour = cells.hour[cell] ?? 0;
		if (hour < scoredFromHour) continue;
		const group = groups.get(hour);
		if (group === undefined) groups.set(hour, [cell]);
		else group.push(cell);
	}
	return [...groups].map(([hour, group]) => ({ hour, cells: group, fixed: hour <= firstHour + LEAD_HOURS }));
}

/** @returns the state before the first hour, then the state in each hour */
function cheapestPath(world: ReplayWorld, states: States, hours: readonly ActiveHour[], start: number): Int32Array {
	const costs = new Float64Array(states.size).fill(Number.POSITIVE_INFINITY);
	costs[start] = 0;
	const origins: Int32Array[] = [];
	for (const { cells, fixed } of hours) {
		const origin = Int32Array.from({ length: states.size }, (_, state) => state);
		if (!fixed) relax(world, states, costs, origin);
		origins.push(origin);
		serveAll(world, states, costs, cells);
	}
	const path = new Int32Array(hours.length + 1);
	let state = costs.indexOf(Math.min(...costs));
	for (let index = hours.length - 1; index >= 0; index -= 1) {
		path[index + 1] = state;
		state = origins[index]?.[state] ?? state;
	}
	path[0] = state;
	return path;
}

/** Every way to change set and leader between two hours: transfers, then copies one at a time until nothing gets cheaper, then transfers. */
function relax(world: ReplayWorld, states: States, costs: Float64Array, origin: Int32Array): void {
	const { moveCostMs, transferCostMs } = world.settings;
	transfers(states, costs, origin, transferCostMs);
	const bound = Math.min(...costs) + states.table.copies * moveCostMs + 2 * transferCostMs;
	for (let changed = true; changed; ) {
		changed = false;
		for (let state = 0; state < states.size; state += 1) {
			const cost = (costs[state] ?? 0) + moveCostMs;
			if (!(cost <= bound)) continue;
			for (let at = state * states.swapsEach; at < (state + 1) * states.swapsEach; at += 1) {
				const other = states.swaps[at] ?? 0;
				if (cost >= (costs[other] ?? 0)) continue;
				costs[other] = cost;
				origin[other] = origin[state] ?? 0;
				changed = true;
			}
		}
	}
	transfers(states, costs, origin, transferCostMs);
}

function transfers(states: States, costs: Float64Array, origin: Int32Array, chargeMs: number): void {
	const { copies, size } = states.table;
	if (copies === 1) return;
	for (let set = 0; set < size; set += 1) {
		const from = set * copies;
		let best = from;
		for (let state = from + 1; state < from + copies; state += 1) if ((costs[state] ?? 0) < (costs[best] ?? 0)) best = state;
		const cost = (costs[best] ?? 0) + chargeMs;
		for (let state = from; state < from + copies; state += 1) {
			if (cost >= (costs[state] ?? 0)) continue;
			costs[state] = cost;
			origin[state] = origin[best] ?? 0;
		}
	}
}

function serveAll(world: ReplayWorld, states: States, costs: Float64Array, cells: readonly number[]): void {
	const { region, count } = world.trace.cells;
	for (const cell of cells) {
		for (let state = 0; state < states.size; state += 1) {
			const ms = world.expectedMs(region[cell] ?? 0, states.set(state), states.leader[state] ?? 0);
			costs[state] = (costs[state] ?? 0) + (count[cell] ?? 0) * ms;
		}
	}
}
