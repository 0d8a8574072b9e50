import type { RegionId } from "#domain/geography/region-id.ts";
import type { SetTable } from "#domain/placement/sets/set-table.ts";
import { standardError } from "#domain/placement/standard-error.ts";

/** What a choice of copies is weighed by. */
export interface ReplicaCosts {
	/** The share of accesses that the nearest copy may answer: session and eventual reads. The others go to the leader. Range 0..1. */
	readonly readShare: number;
	/** The share of leader-bound accesses that the leader is taken to be near to, since it follows them. Range 0..1. */
	readonly followed: number;
	/** Charge for making a copy, in ms x accesses. */
	readonly copyChargeMs: number;
	/** Charge for keeping a copy beyond the first for a week: storage, and writes that reach it, in ms x accesses. */
	readonly copyWeekMs: number;
}

/** One set of regions, and what a week with it is expected to cost. */
export interface ReplicaOption {
	readonly table: SetTable;
	/** Index in its table. */
	readonly set: number;
	/** The member that the week's accesses are nearest to; index of a region. */
	readonly leader: number;
	/** Expected mean round-trip time of an access, ms. */
	readonly meanMs: number;
	/** ms x accesses of a week: round trips and copies kept. */
	readonly weekMs: number;
	/** Copies that it needs and that are not there yet, as a bit mask of regions. */
	readonly added: number;
	readonly regions: number;
}

/** The week's demand, in the order of the tables' regions. */
export interface WeekDemand {
	readonly shares: Float64Array;
	readonly accesses: number;
	/** Accesses that the forecast rests on. */
	readonly evidence: number;
}

export interface OptionRules {
	/** Regions that may hold a copy, as a bit mask. */
	readonly allowed: number;
	/** A region that has to lead; -1: none. */
	readonly pin: number;
	/** Present copies, as a bit mask. */
	readonly present: number;
}

/** Every set that the rules allow, with what it costs; in the order of the tables. */
export function replicaOptions(
	tables: readonly SetTable[],
	week: WeekDemand,
	costs: ReplicaCosts,
	{ allowed, pin, present }: OptionRules,
): readonly ReplicaOption[] {
	const first = tables[0];
	if (first === undefined) return [];
	const leaderMs = new Float64Array(first.regions);
	first.leaderCosts(week.shares, leaderMs);
	const options: ReplicaOption[] = [];
	for (const table of tables) {
		for (let set = 0; set < table.size; set += 1) {
			const mask = table.masks[set] ?? 0;
			const hasPin = pin === -1 || table.has(set, pin);
			if ((mask & ~allowed) === 0 && hasPin) options.push(optionOf(table, set, { week, costs, leaderMs, pin, present }));
		}
	}
	return options;
}

interface OptionInput {
	readonly week: WeekDemand;
	readonly costs: ReplicaCosts;
	/** Mean round-trip time to each region, ms. */
	readonly leaderMs: Float64Array;
	readonly pin: number;
	readonly present: number;
}

/** With one copy everything goes to it; with more, the leader is near to its followed share and where the week has it for the rest. */
function optionOf(table: SetTable, set: number, { week, costs, leaderMs, pin, present }: OptionInput): ReplicaOption {
	const leader = pin === -1 ? table.bestLeader(set, leaderMs) : pin;
	const followed = pin === -1 ? costs.followed : 0;
	const near = costs.readShare + (1 - costs.readShare) * followed;
	const meanMs = near * table.nearCost(set, week.shares) + (1 - near) * (leaderMs[leader] ?? 0);
	return {
		table,
		set,
		leader,
		meanMs,
		weekMs: meanMs * week.accesses + (table.copies - 1) * costs.copyWeekMs,
		added: (table.masks[set] ?? 0) & ~present,
		regions: table.masks[set] ?? 0,
	};
}

const MAX_Z = 1e6;

/** Standard errors between zero and what the nearest copies of one set save against those of another, an access. */
export function zScoreOfSets(week: WeekDemand, from: ReplicaOption, to: ReplicaOption): number {
	const { regions } = from.table;
	let mean = 0;
	let square = 0;
	for (let region = 0; region < regions; region += 1) {
		const delta = (from.table.nearMs[from.set * regions + region] ?? 0) - (to.table.nearMs[to.set * regions + region] ?? 0);
		mean += (week.shares[region] ?? 0) * delta;
		square += (week.shares[region] ?? 0) * delta * delta;
	}
	const error = standardError(mean, square, week.evidence);
	if (error === 0) return Math.sign(mean) * MAX_Z;
	return Math.max(-MAX_Z, Math.min(MAX_Z, mean / error));
}

/** The regions of a bit mask, in the order given. */
export const regionsOf = (mask: number, regions: readonly RegionId[]): readonly RegionId[] =>
	regions.filter((_, index) => (mask & (1 << index)) !== 0);

export const maskOf = (members: readonly RegionId[], regions: readonly RegionId[]): number =>
	regions.reduce((mask, region, index) => (members.includes(region) ? mask | (1 << index) : mask), 0);
