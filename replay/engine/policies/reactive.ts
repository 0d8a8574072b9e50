import type { SetTable } from "#domain/placement/sets/set-table.ts";
import { standardError } from "#domain/placement/standard-error.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import { coolDownHours } from "#replay/engine/cool-down.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { ReactiveRule } from "#replay/result/reactive-rule.ts";

/** The horizons over which a rule lets a change pay, in hours. */
const SET_HORIZON_HOURS = 168;
const LEADER_HORIZON_HOURS = 24;
/** The least saving as a share of the present cost; as the deployed rule. */
const MIN_RELATIVE_SAVING = 0.1;

/** Plays a reactive rule, partition after partition. Decisions follow an hour with accesses and take effect one hour later. */
export function playReactive(world: ReplayWorld, rule: ReactiveRule, account: Account): void {
	const player = new ReactivePlayer(world, rule, account);
	for (let partition = 0; partition < world.trace.partitions.length; partition += 1) player.play(partition);
}

class ReactivePlayer {
	readonly #world: ReplayWorld;
	readonly #table: SetTable;
	readonly #rule: ReactiveRule;
	readonly #account: Account;
	/** Decayed counts by region: what chooses the set and what chooses the leader. */
	readonly #forSet: Float64Array;
	readonly #forLeader: Float64Array;
	readonly #leaderMs: Float64Array;
	/** The placement in force, and the one decided on that takes effect at `#effectiveHour`. */
	#set = 0;
	#leader = 0;
	#nextSet = 0;
	#nextLeader = 0;
	#effectiveHour = Number.POSITIVE_INFINITY;
	#setSinceHour = Number.NEGATIVE_INFINITY;

	constructor(world: ReplayWorld, rule: ReactiveRule, account: Account) {
		this.#world = world;
		this.#table = world.table;
		this.#rule = rule;
		this.#account = account;
		this.#forSet = new Float64Array(world.table.regions);
		this.#forLeader = new Float64Array(world.table.regions);
		this.#leaderMs = new Float64Array(world.table.regions);
	}

	play(partition: number): void {
		const { order, trace, initial } = this.#world;
		this.#set = this.#nextSet = initial.set[partition] ?? 0;
		this.#leader = this.#nextLeader = initial.leader[partition] ?? 0;
		this.#effectiveHour = Number.POSITIVE_INFINITY;
		this.#setSinceHour = Number.NEGATIVE_INFINITY;
		this.#forSet.fill(0);
		this.#forLeader.fill(0);
		const end = order.start[partition + 1] ?? 0;
		let at = order.start[partition] ?? 0;
		let asOfHour = trace.cells.hour[order.cells[at] ?? 0] ?? 0;
		while (at < end) {
			const hour = trace.cells.hour[order.cells[at] ?? 0] ?? 0;
			this.#takeEffect(hour);
			this.#decay(hour - asOfHour);
			asOfHour = hour;
			for (; at < end && trace.cells.hour[order.cells[at] ?? 0] === hour; at += 1) this.#serve(order.cells[at] ?? 0);
			this.#decide(partition, hour + 1);
		}
	}

	#takeEffect(hour: number): void {
		if (hour < this.#effectiveHour) return;
		this.#set = this.#nextSet;
		this.#leader = this.#nextLeader;
		this.#effectiveHour = Number.POSITIVE_INFINITY;
	}

	#decay(elapsedHours: number): void {
		const set = 2 ** (-elapsedHours / this.#rule.setMemoryHours);
		const leader = 2 ** (-elapsedHours / this.#rule.leaderMemoryHours);
		for (let region = 0; region < this.#forSet.length; region += 1) {
			this.#forSet[region] = (this.#forSet[region] ?? 0) * set;
			this.#forLeader[region] = (this.#forLeader[region] ?? 0) * leader;
		}
	}

	#serve(cell: number): void {
		const { cells } = this.#world.trace;
		const region = cells.region[cell] ?? 0;
		const count = cells.count[cell] ?? 0;
		this.#account.serve(cell, this.#set, this.#leader);
		this.#forSet[region] = (this.#forSet[region] ?? 0) + count;
		this.#forLeader[region] = (this.#forLeader[region] ?? 0) + count;
	}

	/** Decides at the beginning of `hour`. What was decided an hour ago and is not in force yet is the ground to stand on. */
	#decide(partition: number, hour: number): void {
		const effectiveHour = hour + LEAD_HOURS;
		const isCooling = hour < this.#setSinceHour + coolDownHours(this.#world.settings);
		const set = isCooling ? this.#nextSet : this.#chooseSet();
		const copies = this.#table.added(this.#nextSet, set);
		if (copies > 0) {
			this.#account.copied(partition, effectiveHour, copies);
			this.#setSinceHour = effectiveHour;
		}
		const leader = this.#chooseLeader(set);
		if (leader !== this.#nextLeader && this.#table.copies > 1) this.#account.transferred(partition, effectiveHour);
		if (set === this.#nextSet && leader === this.#nextLeader) return;
		this.#takeEffect(effectiveHour - 1);
		this.#nextSet = set;
		this.#nextLeader = leader;
		this.#effectiveHour = effectiveHour;
	}

	#chooseSet(): number {
		const { settings } = this.#world;
		const table = this.#table;
		const perHour = Math.LN2 / this.#rule.setMemoryHours;
		const charge = this.#rule.setThreshold * settings.moveCostMs;
		table.leaderCosts(this.#forSet, this.#leaderMs);
		const costOf = (set: number): number =>
			settings.readShare * table.nearCost(set, this.#forSet) +
			(1 - settings.readShare) * (this.#leaderMs[table.bestLeader(set, this.#leaderMs)] ?? 0);
		const now = costOf(this.#nextSet);
		let best = this.#nextSet;
		let least = now * perHour * SET_HORIZON_HOURS;
		for (let set = 0; set < table.size; set += 1) {
			const copies = table.added(this.#nextSet, set);
			if (copies === 0) continue;
			const cost = costOf(set) * perHour * SET_HORIZON_HOURS + charge * copies;
			if (cost < least) {
				best = set;
				least = cost;
			}
		}
		return best !== this.#nextSet && now - costOf(best) > MIN_RELATIVE_SAVING * now && this.#isCertain(best) ? best : this.#nextSet;
	}

	/** Whether what the counted accesses would have saved with the nearest copy in `set` could hardly be chance. */
	#isCertain(set: number): boolean {
		const { minZScore } = this.#rule;
		if (minZScore === 0) return true;
		const { nearMs, regions } = this.#table;
		let count = 0;
		let sum = 0;
		let square = 0;
		for (let region = 0; region < regions; region += 1) {
			const weight = this.#forSet[region] ?? 0;
			const savedMs = (nearMs[this.#nextSet * regions + region] ?? 0) - (nearMs[set * regions + region] ?? 0);
			count += weight;
			sum += weight * savedMs;
			square += weight * savedMs * savedMs;
		}
		const mean = sum / count;
		const error = standardError(mean, square / count, count);
		return error === 0 || mean / error > minZScore;
	}

	#chooseLeader(set: number): number {
		const { settings } = this.#world;
		const table = this.#table;
		const weight = ((1 - settings.readShare) * Math.LN2 * LEADER_HORIZON_HOURS) / this.#rule.leaderMemoryHours;
		table.leaderCosts(this.#forLeader, this.#leaderMs);
		const best = table.bestLeader(set, this.#leaderMs);
		if (!table.has(set, this.#nextLeader)) return best;
		const saving = weight * ((this.#leaderMs[this.#nextLeader] ?? 0) - (this.#leaderMs[best] ?? 0));
		return saving > this.#rule.leaderThreshold * settings.transferCostMs ? best : this.#nextLeader;
	}
}
