import type { LeaderPlanner } from "#domain/placement/sets/plan-leader.ts";
import { STEADY_EXPERTS } from "#predictor/columns/expert-columns.ts";
import { contextOf, PoolMixer } from "#predictor/columns/gated-pool.ts";
import { expectedVolume, VOLUME_FEATURES, volumeFeatures } from "#predictor/columns/volume.ts";
import type { HourWalk } from "#replay/engine/predictive/hour-walk.ts";
import { type Models, WINDOWS } from "#replay/engine/predictive/train-models.ts";
import { LEAD_HOURS, type ReplayWorld } from "#replay/engine/world.ts";

/** Hours that a leader is planned ahead, and hours after which a plan without new accesses is made anew. */
const PLAN_HOURS = 18;
const REFRESH_HOURS = 6;
/** Fewer accesses expected in the short window are not worth a plan by the hour, unless changes cost less than 1 ms x access. */
const LEAST_SHORT = 0.02;
const KEPT_HOURS = PLAN_HOURS + REFRESH_HOURS;
const LEAST_ACTIVITY = 0.05;
/** Accesses that an estimate is taken to rest on besides the counted ones. */
const PRIOR_ACCESSES = 2;

/** What each partition's leadership would cost in each of the coming hours, by region: ms x accesses. */
export class HourlyDemand {
	readonly #world: ReplayWorld;
	readonly #models: Models;
	readonly #walk: HourWalk;
	readonly #mixer: PoolMixer;
	readonly #shares: Float64Array;
	readonly #features = new Float64Array(VOLUME_FEATURES);
	readonly #activity = new Float64Array(KEPT_HOURS);
	readonly #leaderMs: Float64Array;
	/** `KEPT_HOURS * regions` numbers a partition, from the hour in which a decision of `#madeAt` takes effect. */
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

	constructor(world: ReplayWorld, models: Models, walk: HourWalk) {
		const { partitions, regions } = world.trace;
		this.#world = world;
		this.#models = models;
		this.#walk = walk;
		this.#mixer = new PoolMixer(regions.length);
		this.#shares = new Float64Array(regions.length);
		this.#leaderMs = new Float64Array(regions.length);
		this.#costs = new Float32Array(partitions.length * KEPT_HOURS * regions.length);
		this.#madeAt = new Int32Array(partitions.length).fill(-KEPT_HOURS);
		this.#planned = new Uint8Array(partitions.length);
		this.#weekShares = new Float64Array(partitions.length * regions.length);
		this.#evidence = new Float64Array(partitions.length);
		const { copies, readShare, moveCostMs, transferCostMs } = world.settings;
		this.#leaderShare = copies === 1 ? 1 : 1 - readShare;
		this.#leastShort = LEAST_SHORT * Math.min(1, copies === 1 ? moveCostMs : transferCostMs);
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
		return mean / Math.sqrt(Math.max(Number.MIN_VALUE, square - mean * mean) / ((this.#evidence[partition] ?? 0) + PRIOR_ACCESSES));
	}

	/** Forecasts the coming hours of the partition that the walk's experts have selected. */
	forecast(partition: number, now: number): void {
		const { experts } = this.#walk;
		const { pool } = this.#models.short;
		const begin = now + LEAD_HOURS;
		const context = contextOf(experts.amounts.ageHours);
		const expected = this.#rates(begin);
		this.#madeAt[partition] = now;
		this.#planned[partition] = expected < this.#leastShort ? 0 : 1;
		if (expected < this.#leastShort) return;
		this.#mixer.hold(experts.forecasts, 0, pool, context, STEADY_EXPERTS);
		for (let hour = 0; hour < KEPT_HOURS; hour += 1) {
			experts.tilt(begin + hour, 1);
			this.#mixer.mixHeld(experts.forecasts, 0, pool, context, STEADY_EXPERTS, this.#shares);
			this.#keep(partition, hour);
		}
	}

	#keep(partition: number, hour: number): void {
		const { table } = this.#world;
		table.leaderCosts(this.#shares, this.#leaderMs);
		const at = (partition * KEPT_HOURS + hour) * table.regions;
		const leaderBound = (this.#activity[hour] ?? 0) * this.#leaderShare;
		for (let region = 0; region < table.regions; region += 1) this.#costs[at + region] = leaderBound * (this.#leaderMs[region] ?? 0);
	}

	/** Who leads from the next hour on. */
	leader(planner: LeaderPlanner, partition: number, set: number, present: number, now: number, chargeMs: number): number {
		const { regions } = this.#world.table;
		const offset = now - (this.#madeAt[partition] ?? 0);
		const from = (partition * KEPT_HOURS + offset) * regions;
		const hours = this.#planned[partition] === 1 ? Math.min(PLAN_HOURS, KEPT_HOURS - offset) : 0;
		return planner.next(set, present, { values: this.#week, at: partition * regions }, this.#costs, from, hours, chargeMs);
	}

	/**
	 * Fills the accesses expected in each hour: the short window's number first, then the week's, both shaped by how active the hours are.
	 * Returns the short window's.
	 */
	#rates(begin: number): number {
		const { experts } = this.#walk;
		const { short, long } = this.#models;
		let inShort = 0;
		for (let hour = 0; hour < KEPT_HOURS; hour += 1) {
			const activity = Math.max(LEAST_ACTIVITY, this.#ownActivity(begin + hour));
			this.#activity[hour] = activity;
			if (hour < WINDOWS.short) inShort += activity;
		}
		volumeFeatures(experts.amounts, inShort / WINDOWS.short, this.#features);
		const expected = expectedVolume(short.volume, this.#features);
		const soon = expected / inShort;
		volumeFeatures(experts.amounts, 1, this.#features);
		const later = expectedVolume(long.volume, this.#features) / WINDOWS.long;
		for (let hour = 0; hour < KEPT_HOURS; hour += 1)
			this.#activity[hour] = (this.#activity[hour] ?? 0) * (hour < WINDOWS.short ? soon : later);
		return expected;
	}

	#ownActivity(hour: number): number {
		const { experts, columns } = this.#walk;
		let activity = 0;
		for (let region = 0; region < experts.share60d.length; region += 1) {
			activity += (experts.share60d[region] ?? 0) * columns.week.activity(region, hour, 1);
		}
		return activity;
	}
}
