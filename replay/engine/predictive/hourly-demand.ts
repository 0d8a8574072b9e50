import type { LeaderPlanner } from "#domain/placement/sets/plan-leader.ts";
import { standardError } from "#domain/placement/standard-error.ts";
import { OUTLOOK_HOURS, OUTLOOK_LEAST_ACCESSES } from "#domain/prediction/settings.ts";
import type { Outside } from "#predictor/external/outside.ts";
import type { Model } from "#predictor/models/model.ts";
import { OutlookMaker } from "#predictor/models/outlook.ts";
import type { HourWalk } from "#predictor/training/hour-walk.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** Hours that a leader is planned ahead, and hours after which a plan without new accesses is made anew. */
const PLAN_HOURS = 18;
const REFRESH_HOURS = OUTLOOK_HOURS - PLAN_HOURS;

/** What each partition's leadership would cost in each of the coming hours, by region: ms x accesses. */
export class HourlyDemand {
	readonly #world: ReplayWorld;
	readonly #walk: HourWalk;
	readonly #outlook: OutlookMaker;
	/** Accesses by region of the hours of one outlook. */
	readonly #accesses: Float32Array;
	readonly #demand: Float64Array;
	readonly #leaderMs: Float64Array;
	/** `OUTLOOK_HOURS * regions` numbers a partition, from the hour in which a decision of `#madeAt` takes effect. */
	readonly #costs: Float32Array;
	readonly #madeAt: Int32Array;
	/** Whether there is a plan by the hour; else only what is expected of the week counts. */
	readonly #planned: Uint8Array;
	/** Expected ms x accesses of a week with the leadership in each region, `regions` numbers a partition. */
	readonly #week: Float64Array;
	readonly #weekShares: Float64Array;
	readonly #evidence: Float64Array;
	/** The share of the accesses that go to the leader: with one copy, all. */
	readonly #leaderShare: number;
	readonly #leastShort: number;

	constructor(world: ReplayWorld, model: Model, walk: HourWalk) {
		const { partitions, regions } = world.trace;
		this.#world = world;
		this.#walk = walk;
		this.#outlook = new OutlookMaker(model, walk.experts);
		this.#accesses = new Float32Array(OUTLOOK_HOURS * regions.length);
		this.#demand = new Float64Array(regions.length);
		this.#leaderMs = new Float64Array(regions.length);
		this.#costs = new Float32Array(partitions.length * OUTLOOK_HOURS * regions.length);
		this.#madeAt = new Int32Array(partitions.length).fill(-OUTLOOK_HOURS);
		this.#planned = new Uint8Array(partitions.length);
		this.#weekShares = new Float64Array(partitions.length * regions.length);
		this.#evidence = new Float64Array(partitions.length);
		const { copies, readShare, moveCostMs, transferCostMs } = world.settings;
		this.#leaderShare = copies === 1 ? 1 : 1 - readShare;
		this.#leastShort = OUTLOOK_LEAST_ACCESSES * Math.min(1, copies === 1 ? moveCostMs : transferCostMs);
		this.#week = new Float64Array(partitions.length * regions.length);
	}

	isStale(partition: number, now: number): boolean {
		return now - (this.#madeAt[partition] ?? 0) >= REFRESH_HOURS;
	}

	/** Takes in a week's forecast of a partition: shares by region, accesses in all, accesses that it rests on. */
	expectWeek(partition: number, shares: Float64Array, accesses: number, evidence: number): void {
		this.#weekShares.set(shares, partition * shares.length);
		this.#evidence[partition] = evidence;
		const { table } = this.#world;
		table.leaderCosts(shares, this.#leaderMs);
		const leaderBound = accesses * this.#leaderShare;
		for (let region = 0; region < table.regions; region += 1) {
			this.#week[partition * table.regions + region] = leaderBound * (this.#leaderMs[region] ?? 0);
		}
	}

	/** Standard errors between zero and what the week's forecast saves with the leadership in `to` instead of `from`. */
	zScore(partition: number, from: number, to: number): number {
		const { regions, rttMs } = this.#world.table;
		let mean = 0;
		let square = 0;
		for (let region = 0; region < regions; region += 1) {
			const share = this.#weekShares[partition * regions + region] ?? 0;
			const delta = (rttMs[region * regions + from] ?? 0) - (rttMs[region * regions + to] ?? 0);
			mean += share * delta;
			square += share * delta * delta;
		}
		return mean / standardError(mean, square, this.#evidence[partition] ?? 0);
	}

	/** Forecasts the coming hours of the partition that the walk's experts have selected, and of which something may be known from outside. */
	forecast(partition: number, now: number, outside: Outside): void {
		const expected = this.#outlook.fill(this.#accesses, 0, this.#leastShort);
		this.#madeAt[partition] = now;
		this.#planned[partition] = expected < this.#leastShort ? 0 : 1;
		if (expected < this.#leastShort) return;
		outside.tiltOutlook(partition, this.#accesses, this.#walk);
		const { table } = this.#world;
		for (let hour = 0; hour < OUTLOOK_HOURS; hour += 1) {
			this.#demand.set(this.#accesses.subarray(hour * table.regions, (hour + 1) * table.regions));
			table.leaderCosts(this.#demand, this.#leaderMs);
			const at = (partition * OUTLOOK_HOURS + hour) * table.regions;
			for (let region = 0; region < table.regions; region += 1)
				this.#costs[at + region] = this.#leaderShare * (this.#leaderMs[region] ?? 0);
		}
	}

	/** Who leads from the next hour on. */
	leader(planner: LeaderPlanner, partition: number, set: number, present: number, now: number, chargeMs: number): number {
		const { regions } = this.#world.table;
		const offset = now - (this.#madeAt[partition] ?? 0);
		const from = (partition * OUTLOOK_HOURS + offset) * regions;
		const hours = this.#planned[partition] === 1 ? Math.min(PLAN_HOURS, OUTLOOK_HOURS - offset) : 0;
		return planner.next(set, present, { values: this.#week, at: partition * regions, times: 1 }, this.#costs, from, hours, chargeMs);
	}
}
