import type { Placements } from "#replay/engine/initial-placement.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import { RTT_MS } from "#test/property/replay/engine/traces.ts";

const REGIONS = 4;
/** A decision needs an hour to come into force, and six more must pass before the next where copies cost something. */
const WAIT_HOURS = 7;

interface Place {
	readonly members: readonly number[];
	readonly leader: number;
}

/** The least that the scored part can cost, ms an access: every place in every hour, accesses or not; written without looking at the oracle. */
export function cheapestByTrying(world: ReplayWorld, start: Placements): number {
	const { cells, partitions } = world.trace;
	let total = 0;
	let volume = 0;
	for (let partition = 0; partition < partitions.length; partition += 1) {
		const own = [...cells.partition.keys()].filter((cell) => cells.partition[cell] === partition);
		const scored = own.filter((cell) => (cells.hour[cell] ?? 0) >= world.scoredFromHour);
		volume += scored.reduce((sum, cell) => sum + (cells.count[cell] ?? 0), 0);
		const places = placesOf(world);
		const at = places.findIndex(({ members, leader }) => leader === start.leader[partition] && sameSet(world, members, start, partition));
		const mayChangeFrom = (cells.hour[own[0] ?? 0] ?? 0) + 2;
		total += cheapest(world, scored, places, at, mayChangeFrom);
	}
	return total / volume;
}

const placesOf = ({ table, settings }: ReplayWorld): readonly Place[] =>
	Array.from({ length: table.size }, (_, set) => [...table.members.subarray(set * settings.copies, (set + 1) * settings.copies)]).flatMap(
		(members) => members.map((leader) => ({ members, leader })),
	);

const sameSet = ({ table }: ReplayWorld, members: readonly number[], start: Placements, partition: number): boolean =>
	members.every((region) => table.has(start.set[partition] ?? 0, region));

/** By place and hours since the set has changed, no more than it has to wait. */
function cheapest(world: ReplayWorld, scored: readonly number[], places: readonly Place[], start: number, mayChangeFrom: number): number {
	const { hour } = world.trace.cells;
	const wait = world.settings.moveCostMs === 0 ? 1 : WAIT_HOURS;
	const none = () => places.map(() => new Array<number>(wait + 1).fill(Number.POSITIVE_INFINITY));
	let costs = none();
	(costs[start] ?? [])[wait] = 0;
	for (let now = world.scoredFromHour; now <= (hour[scored.at(-1) ?? -1] ?? 0); now += 1) {
		const next = none();
		const served = places.map((place) => servedMs(world, scored, now, place));
		for (const [from, byWait] of costs.entries()) {
			for (const [since, cost] of byWait.entries()) {
				if (cost === Number.POSITIVE_INFINITY) continue;
				for (const to of places.keys()) {
					const change = changeOf(world, places[from], places[to]);
					if (to !== from && now < mayChangeFrom) continue;
					if (change.copies > 0 && since < wait) continue;
					const row = next[to] ?? [];
					const after = change.copies > 0 ? 1 : Math.min(wait, since + 1);
					row[after] = Math.min(row[after] ?? 0, cost + change.ms + (served[to] ?? 0));
				}
			}
		}
		costs = next;
	}
	return Math.min(...costs.flat());
}

function changeOf(
	{ settings }: ReplayWorld,
	from: Place | undefined,
	to: Place | undefined,
): { readonly copies: number; readonly ms: number } {
	const copies = to?.members.filter((region) => from?.members.includes(region) === false).length ?? 0;
	const isTransfer = settings.copies > 1 && from?.leader !== to?.leader;
	return { copies, ms: copies * settings.moveCostMs + (isTransfer ? settings.transferCostMs : 0) };
}

function servedMs({ trace: { cells }, settings }: ReplayWorld, scored: readonly number[], now: number, { members, leader }: Place): number {
	let ms = 0;
	for (const cell of scored) {
		if (cells.hour[cell] !== now) continue;
		const rtt = (to: number): number => RTT_MS[(cells.region[cell] ?? 0) * REGIONS + to] ?? 0;
		const near = Math.min(...members.map(rtt));
		ms += (cells.count[cell] ?? 0) * (settings.readShare * near + (1 - settings.readShare) * rtt(leader));
	}
	return ms;
}
