import type { SetTable } from "#domain/placement/sets/set-table.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import { ACTIVITY_CLASSES, classOfPartition } from "#replay/engine/scoring/class-of-partition.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

const HOURS_PER_DAY = 24;

/** Everything that a result tells of a policy on the scored part. */
export class FullAccount implements Account {
	readonly #world: ReplayWorld;
	/** Accesses by viewer's region and answering region, viewer first. */
	readonly served: Float64Array;
	/** The same for each class of activity, one class after another. */
	readonly servedByClass: Float64Array;
	readonly movesByClass = new Float64Array(ACTIVITY_CLASSES.length + 1);
	readonly transfersByClass = new Float64Array(ACTIVITY_CLASSES.length + 1);
	/** By partition its class of activity. */
	readonly classes: Uint8Array;
	/** By partition: accesses, ms of round-trip time, ms of charges. */
	readonly accesses: Float64Array;
	readonly rttMs: Float64Array;
	readonly chargedMs: Float64Array;
	/** Accesses by leader's region and hour of the day (UTC). */
	readonly ledBy: Float64Array;
	/** Accesses by region that holds a copy; by leader's region when they go to it. */
	readonly heldIn: Float64Array;
	/** Month (since year 0) -> accesses and ms. */
	readonly months = new Map<number, { accesses: number; rttMs: number }>();
	moves = 0;
	transfers = 0;
	/** The table that served sets are indices of. */
	#table: SetTable;
	readonly #monthOfDay = new Map<number, number>();

	constructor(world: ReplayWorld) {
		const { partitions, regions } = world.trace;
		this.#world = world;
		this.#table = world.table;
		this.served = new Float64Array(regions.length ** 2);
		this.servedByClass = new Float64Array((ACTIVITY_CLASSES.length + 1) * regions.length ** 2);
		this.classes = classOfPartition(world);
		this.accesses = new Float64Array(partitions.length);
		this.rttMs = new Float64Array(partitions.length);
		this.chargedMs = new Float64Array(partitions.length);
		this.ledBy = new Float64Array(regions.length * HOURS_PER_DAY);
		this.heldIn = new Float64Array(regions.length);
	}

	/** For a policy whose sets are not those of the world. */
	useTable(table: SetTable): void {
		this.#table = table;
	}

	serve(cell: number, set: number, leader: number): void {
		const { trace, settings, scoredFromHour } = this.#world;
		const table = this.#table;
		const hour = trace.cells.hour[cell] ?? 0;
		if (hour < scoredFromHour) return;
		const region = trace.cells.region[cell] ?? 0;
		const partition = trace.cells.partition[cell] ?? 0;
		const count = trace.cells.count[cell] ?? 0;
		const nearPair = region * table.regions + this.#nearest(set, region);
		const leaderPair = region * table.regions + leader;
		const { readShare } = settings;
		const rttMs = count * (readShare * (table.rttMs[nearPair] ?? 0) + (1 - readShare) * (table.rttMs[leaderPair] ?? 0));
		this.#add(this.served, nearPair, count * readShare);
		this.#add(this.served, leaderPair, count * (1 - readShare));
		const ofClass = (this.classes[partition] ?? 0) * this.served.length;
		this.#add(this.servedByClass, ofClass + nearPair, count * readShare);
		this.#add(this.servedByClass, ofClass + leaderPair, count * (1 - readShare));
		this.#add(this.accesses, partition, count);
		this.#add(this.rttMs, partition, rttMs);
		this.#add(this.ledBy, leader * HOURS_PER_DAY + (hour % HOURS_PER_DAY), count);
		for (let at = set * table.copies; at < (set + 1) * table.copies; at += 1) this.#add(this.heldIn, table.members[at] ?? 0, count);
		this.#addToMonth(hour, count, rttMs);
	}

	copied(partition: number, hour: number, copies: number): void {
		if (hour < this.#world.scoredFromHour) return;
		this.moves += copies;
		this.#add(this.movesByClass, this.classes[partition] ?? 0, copies);
		this.#add(this.chargedMs, partition, copies * this.#world.settings.moveCostMs);
	}

	transferred(partition: number, hour: number): void {
		if (hour < this.#world.scoredFromHour) return;
		this.transfers += 1;
		this.#add(this.transfersByClass, this.classes[partition] ?? 0, 1);
		this.#add(this.chargedMs, partition, this.#world.settings.transferCostMs);
	}

	#nearest(set: number, region: number): number {
		const table = this.#table;
		let best = table.members[set * table.copies] ?? 0;
		for (let at = set * table.copies + 1; at < (set + 1) * table.copies; at += 1) {
			const member = table.members[at] ?? 0;
			if ((table.rttMs[region * table.regions + member] ?? 0) < (table.rttMs[region * table.regions + best] ?? 0)) best = member;
		}
		return best;
	}

	#addToMonth(hour: number, count: number, rttMs: number): void {
		const month = this.#monthOf(Math.floor(hour / HOURS_PER_DAY));
		const entry = this.months.get(month) ?? { accesses: 0, rttMs: 0 };
		entry.accesses += count;
		entry.rttMs += rttMs;
		this.months.set(month, entry);
	}

	#monthOf(day: number): number {
		const known = this.#monthOfDay.get(day);
		if (known !== undefined) return known;
		const date = new Date(day * 86_400_000);
		const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
		this.#monthOfDay.set(day, month);
		return month;
	}

	#add(sums: Float64Array, index: number, value: number): void {
		sums[index] = (sums[index] ?? 0) + value;
	}
}
