import type { Account } from "#replay/engine/accounting/account.ts";
import { nearestSet, type Placements } from "#replay/engine/initial-placement.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** Plays a placement that never changes. */
export function playStatic({ order }: ReplayWorld, { set, leader }: Placements, account: Account): void {
	for (let partition = 0; partition < set.length; partition += 1) {
		for (let at = order.start[partition] ?? 0; at < (order.start[partition + 1] ?? 0); at += 1) {
			account.serve(order.cells[at] ?? 0, set[partition] ?? 0, leader[partition] ?? 0);
		}
	}
}

/** All partitions in the one set that was best for all accesses before the scored part. */
export function bestForAll(world: ReplayWorld): Placements {
	const { trace } = world;
	const demand = new Float64Array(trace.regions.length);
	forEarlierCells(world, (cell) => {
		const region = trace.cells.region[cell] ?? 0;
		demand[region] = (demand[region] ?? 0) + (trace.cells.count[cell] ?? 0);
	});
	const { set, leader } = bestFor(world, demand);
	const { length } = trace.partitions;
	return { set: new Int32Array(length).fill(set), leader: new Uint8Array(length).fill(leader) };
}

/** Each partition where it would have been best before the scored part; partitions that are new in it stay where they started. */
export function bestForEach(world: ReplayWorld): Placements {
	const { trace, initial } = world;
	const regions = trace.regions.length;
	const demand = new Float64Array(trace.partitions.length * regions);
	forEarlierCells(world, (cell) => {
		const at = (trace.cells.partition[cell] ?? 0) * regions + (trace.cells.region[cell] ?? 0);
		demand[at] = (demand[at] ?? 0) + (trace.cells.count[cell] ?? 0);
	});
	const placements = { set: initial.set.slice(), leader: initial.leader.slice() };
	for (let partition = 0; partition < trace.partitions.length; partition += 1) {
		const own = demand.subarray(partition * regions, (partition + 1) * regions);
		if (own.every((count) => count === 0)) continue;
		const best = bestFor(world, own);
		placements.set[partition] = best.set;
		placements.leader[partition] = best.leader;
	}
	return placements;
}

function forEarlierCells({ trace, scoredFromHour }: ReplayWorld, visit: (cell: number) => void): void {
	for (let cell = 0; cell < trace.cells.hour.length && (trace.cells.hour[cell] ?? 0) < scoredFromHour; cell += 1) visit(cell);
}

/** The cheapest set with the best leader in it for a demand by region. */
export function bestFor(world: ReplayWorld, demand: Float64Array): { readonly set: number; readonly leader: number } {
	const { table, settings } = world;
	const leaderMs = new Float64Array(table.regions);
	table.leaderCosts(demand, leaderMs);
	let best = nearestSet(table, demand);
	let bestMs = Number.POSITIVE_INFINITY;
	for (let set = 0; set < table.size; set += 1) {
		const leader = leaderMs[table.bestLeader(set, leaderMs)] ?? 0;
		const ms = settings.readShare * table.nearCost(set, demand) + (1 - settings.readShare) * leader;
		if (ms < bestMs) {
			best = set;
			bestMs = ms;
		}
	}
	return { set: best, leader: table.bestLeader(best, leaderMs) };
}
