import type { SetTable } from "#domain/placement/sets/set-table.ts";
import { standardError } from "#domain/placement/standard-error.ts";

/** When a set of copies changes. */
export interface SetRule {
	/** The expected saving must exceed so many times the charge for the new copies. Default 0.25. */
	readonly chargeShare: number;
	/** The least saving as a share of the present cost. Default 0.05. */
	readonly minRelativeSaving: number;
	/** How many standard errors the saving must be away from zero. Default 1. */
	readonly minZScore: number;
	/** The share of leader-bound accesses that the leader is taken to be near to, since it follows them; 0..1. Default 0.5. */
	readonly followed: number;
}

export const SET_RULE: SetRule = { chargeShare: 0.25, minRelativeSaving: 0.05, minZScore: 1, followed: 0.5 };

/** What a set is chosen for. */
export interface SetDemand {
	/** Share of the accesses by region, sum 1. */
	readonly shares: Float64Array;
	/** Accesses expected while the forecast holds. */
	readonly accesses: number;
	/** Accesses behind the forecast. */
	readonly evidence: number;
	/** The share of accesses that the nearest copy may answer. */
	readonly readShare: number;
	/** ms x accesses for each new copy. */
	readonly copyChargeMs: number;
}

/** The cheapest set of a table for a demand; the present one where nothing is worth its charge and certain enough. */
export class SetChooser {
	readonly #table: SetTable;
	readonly #leaderMs: Float64Array;
	readonly #costs: Float64Array;
	#near = 0;
	#led = 0;

	constructor(table: SetTable) {
		this.#table = table;
		this.#leaderMs = new Float64Array(table.regions);
		this.#costs = new Float64Array(table.size);
	}

	/** Looks at a demand: to be called before `choose`, once for any number of rules. */
	consider({ shares, readShare }: SetDemand, { followed }: SetRule): void {
		const table = this.#table;
		table.leaderCosts(shares, this.#leaderMs);
		this.#near = readShare + (1 - readShare) * followed;
		this.#led = (1 - readShare) * (1 - followed);
		for (let set = 0; set < table.size; set += 1) {
			this.#costs[set] =
				this.#near * table.nearCost(set, shares) + this.#led * (this.#leaderMs[table.bestLeader(set, this.#leaderMs)] ?? 0);
		}
	}

	choose(present: number, demand: SetDemand, rule: SetRule): number {
		const table = this.#table;
		const charge = rule.chargeShare * demand.copyChargeMs;
		let best = present;
		let least = (this.#costs[present] ?? 0) * demand.accesses;
		for (let set = 0; set < table.size; set += 1) {
			if (set === present) continue;
			const cost = (this.#costs[set] ?? 0) * demand.accesses + charge * table.added(present, set);
			if (cost < least) {
				best = set;
				least = cost;
			}
		}
		return best === present || this.#isDoubtful(present, best, demand, rule) ? present : best;
	}

	/** Sets that would be chosen if those before them were not there, at most `limit`, the best first, with what they save (ms x accesses). */
	ranked(present: number, demand: SetDemand, rule: SetRule, limit: number): readonly { readonly set: number; readonly gainMs: number }[] {
		const charge = rule.chargeShare * demand.copyChargeMs;
		const staying = (this.#costs[present] ?? 0) * demand.accesses;
		const better: { readonly set: number; readonly gainMs: number }[] = [];
		for (let set = 0; set < this.#table.size; set += 1) {
			const gainMs = staying - (this.#costs[set] ?? 0) * demand.accesses - charge * this.#table.added(present, set);
			if (set !== present && gainMs > 0) better.push({ set, gainMs });
		}
		return better
			.sort((a, b) => b.gainMs - a.gainMs || a.set - b.set)
			.filter(({ set }) => !this.#isDoubtful(present, set, demand, rule))
			.slice(0, limit);
	}

	/** Expected ms an access with the leadership in each region, of the demand considered last. */
	get leaderMs(): Float64Array {
		return this.#leaderMs;
	}

	#isDoubtful(present: number, best: number, { shares, evidence }: SetDemand, rule: SetRule): boolean {
		const saving = (this.#costs[present] ?? 0) - (this.#costs[best] ?? 0);
		if (!(saving > rule.minRelativeSaving * (this.#costs[present] ?? 0))) return true;
		const { nearMs, regions } = this.#table;
		let mean = 0;
		let square = 0;
		for (let region = 0; region < regions; region += 1) {
			const delta = (nearMs[present * regions + region] ?? 0) - (nearMs[best * regions + region] ?? 0);
			mean += (shares[region] ?? 0) * delta;
			square += (shares[region] ?? 0) * delta * delta;
		}
		const error = standardError(mean, square, evidence);
		return error > 0 && saving / error <= rule.minZScore;
	}
}
