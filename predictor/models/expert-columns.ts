import { HOURS_PER_DAY } from "#domain/prediction/hours.ts";
import type { CountColumns } from "#predictor/features/count-columns.ts";
import type { FeatureColumns } from "#predictor/features/feature-columns.ts";
import { EVERYBODY } from "#predictor/features/parents.ts";
import type { WeekProfile } from "#predictor/features/week-profile.ts";

/**
 * The experts in the order of every weight vector: what was seen at several time scales; the partition's own counts in the hours of the day forecast; and
 * how active everybody's and the parent's regions are in them, whoever the partition is: what the logarithmic pool tilts all others by.
 */
export const EXPERTS = ["g1d", "par14d", "own1d", "own14d", "own365d", "recent", "tilt", "ownHours", "activity", "parentActivity"] as const;
export const EXPERT_COUNT = EXPERTS.length;
/** Experts that do not depend on the hours forecast come first. */
export const STEADY_EXPERTS = 6;
const OWN_14D = 3;
const TILT = 6;
const OWN_HOURS = 7;
const ACTIVITY = 8;
const PARENT_ACTIVITY = 9;

/** The least activity that a tilt believes of a region. */
const LEAST_ACTIVITY = 0.02;
/** Accesses that the hour profile of a parent starts from, and the hour counts of a partition. */
const PARENT_HOURS_PRIOR = 20;
const OWN_HOURS_PRIOR = 2;

/** Counts and rates behind a forecast. */
export interface Amounts {
	n1d: number;
	n14d: number;
	n60d: number;
	n365d: number;
	/** Hours since the last access. */
	ageHours: number;
}

/**
 * The experts' distributions for one partition at a time, at the beginning of an hour. `begin` sets the hour, `select` the partition,
 * `tilt` the hours that are forecast; `forecasts` then holds an expert after another, one number a region, each with sum 1.
 */
export class ExpertColumns {
	readonly forecasts: Float64Array;
	readonly amounts: Amounts = { n1d: 0, n14d: 0, n60d: 0, n365d: 0, ageHours: 0 };
	/** The partition's share by region from its last 60 days. */
	readonly share60d: Float64Array;
	/** The partition's counts by region of its last two weeks. */
	readonly counts14d: Float64Array;
	readonly #columns: FeatureColumns;
	readonly #counts: Float64Array;
	readonly #g14: Float64Array;
	readonly #g1y: Float64Array;
	/** By parent: the priors from long and from short memory, and the hour for which they were made. */
	readonly #par1y: Float64Array;
	readonly #par14: Float64Array;
	readonly #parentAt: Int32Array;
	/** The parent's tilt of the partition's share. */
	readonly #prior: Float64Array;
	/** Of the selected partition's parent: hour counts by region, decayed; and what is left of counts as they are kept. */
	readonly #parentTotals: Float64Array;
	/** Hours that clocks are ahead of standard time when the hours forecast begin, by region. */
	#ahead: Int8Array = new Int8Array();
	#parentDecay = 1;
	#ownDecay = 1;
	#hour = 0;
	#partition = 0;
	#parent = 0;

	constructor(columns: FeatureColumns) {
		const { regions, parents } = columns;
		this.#columns = columns;
		this.forecasts = new Float64Array(EXPERT_COUNT * regions);
		this.share60d = new Float64Array(regions);
		this.counts14d = new Float64Array(regions);
		this.#counts = new Float64Array(regions);
		this.#prior = new Float64Array(regions);
		this.#parentTotals = new Float64Array(regions);
		this.#g14 = new Float64Array(regions);
		this.#g1y = new Float64Array(regions);
		this.#par1y = new Float64Array(parents.size * regions);
		this.#par14 = new Float64Array(parents.size * regions);
		this.#parentAt = new Int32Array(parents.size).fill(-1);
	}

	/** The beginning of the hour up to which everything is known. */
	get hour(): number {
		return this.#hour;
	}

	/** Everything before `hour` has been taken in. */
	begin(hour: number): void {
		const { regions } = this.#columns;
		const { counts: ofAll, week } = this.#columns.ofAll;
		this.#hour = hour;
		week.refresh(hour);
		let total = ofAll.read(0, 2, hour, this.#counts);
		for (let region = 0; region < regions; region += 1) this.#g1y[region] = ((this.#counts[region] ?? 0) + 1) / (total + regions);
		total = ofAll.read(0, 1, hour, this.#counts);
		shrinkTo(this.#g14, 0, this.#counts, total, this.#g1y, 0, 5);
		total = ofAll.read(0, 0, hour, this.#counts);
		shrinkTo(this.forecasts, 0, this.#counts, total, this.#g14, 0, 5);
	}

	/** Fills all experts but those that depend on the hours forecast. */
	select(partition: number): void {
		const { regions } = this.#columns;
		const { counts: own, recent, lastHour } = this.#columns.own;
		this.#partition = partition;
		this.#parent = this.#columns.parentOf(partition);
		this.#selectParent(this.#parent);
		const prior = this.#parent * regions;
		for (let region = 0; region < regions; region += 1) this.forecasts[regions + region] = this.#par14[prior + region] ?? 0;
		const { amounts } = this;
		amounts.ageHours = this.#hour - (lastHour[partition] ?? 0);
		amounts.n1d = own.read(partition, 0, this.#hour, this.#counts);
		shrinkTo(this.forecasts, 2 * regions, this.#counts, amounts.n1d, this.#par1y, prior, 1);
		amounts.n14d = own.read(partition, 1, this.#hour, this.counts14d);
		shrinkTo(this.forecasts, 3 * regions, this.counts14d, amounts.n14d, this.#par1y, prior, 1);
		amounts.n365d = own.read(partition, 3, this.#hour, this.#counts);
		shrinkTo(this.forecasts, 4 * regions, this.#counts, amounts.n365d, this.#par1y, prior, 1);
		let total = 0;
		for (let region = 0; region < regions; region += 1) {
			const count = recent[partition * regions + region] ?? 0;
			this.#counts[region] = count;
			total += count;
		}
		shrinkTo(this.forecasts, 5 * regions, this.#counts, total, this.#par1y, prior, 0.5);
		amounts.n60d = own.read(partition, 2, this.#hour, this.#counts);
		shrinkTo(this.share60d, 0, this.#counts, amounts.n60d, this.#par1y, prior, 1);
		this.#selectHours(partition);
	}

	/**
	 * Fills the experts that depend on the hours `from` until before `from + hours` (at most a week). Where clocks change in between, they are taken
	 * to show what they do at first. Returns the partition's own activity.
	 */
	tilt(from: number, hours: number): number {
		const { regions } = this.#columns;
		const { week } = this.#columns.ofAll;
		const { forecasts, share60d } = this;
		this.#ahead = this.#columns.clocks.aheadAt(from);
		let activityOfAll = 0;
		for (let region = 0; region < regions; region += 1) {
			const share = share60d[region] ?? 0;
			const activity = week.activity(region, from, hours);
			const parent = Math.max(LEAST_ACTIVITY, this.#parentActivity(region, from, hours, activity));
			forecasts[ACTIVITY * regions + region] = Math.max(LEAST_ACTIVITY, activity);
			forecasts[TILT * regions + region] = share * Math.max(LEAST_ACTIVITY, activity);
			forecasts[PARENT_ACTIVITY * regions + region] = parent;
			this.#prior[region] = share * parent;
			activityOfAll += share * activity;
		}
		normalise(forecasts, ACTIVITY * regions, regions);
		normalise(forecasts, TILT * regions, regions);
		normalise(forecasts, PARENT_ACTIVITY * regions, regions);
		normalise(this.#prior, 0, regions);
		this.#fillOwnHours(from, hours);
		return activityOfAll;
	}

	/** How active the selected partition's regions are in an hour, by its shares of the last 60 days; 1: as usual. */
	activityIn(hour: number): number {
		const { week } = this.#columns.ofAll;
		let activity = 0;
		for (let region = 0; region < this.share60d.length; region += 1)
			activity += (this.share60d[region] ?? 0) * week.activity(region, hour, 1);
		return activity;
	}

	#selectHours(partition: number): void {
		const { own, ofParents, ofAll, regions } = this.#columns;
		const ofEverybody = this.#parent === EVERYBODY;
		this.#ownDecay = own.hours.decay(partition, 0, this.#hour);
		this.#parentDecay = ofEverybody ? 1 : ofParents.hours.decay(this.#parent, 0, this.#hour);
		for (let region = 0; region < regions; region += 1) {
			let total = 0;
			for (let hour = 0; hour < HOURS_PER_DAY; hour += 1)
				total += ofEverybody ? ofAll.week.ofHour(region, hour) : ofParents.hours.kept(this.#parent, region * HOURS_PER_DAY + hour);
			this.#parentTotals[region] = total * this.#parentDecay;
		}
	}

	#selectParent(parent: number): void {
		if (this.#parentAt[parent] === this.#hour) return;
		this.#parentAt[parent] = this.#hour;
		const { regions } = this.#columns;
		const [ofParents, ofAll] = [this.#columns.ofParents.counts, this.#columns.ofAll.counts];
		const at = parent * regions;
		const everybody = parent === EVERYBODY;
		const long = everybody ? ofAll.read(0, 2, this.#hour, this.#counts) : ofParents.read(parent, 1, this.#hour, this.#counts);
		shrinkTo(this.#par1y, at, this.#counts, long, this.#g14, 0, 3);
		const short = everybody ? ofAll.read(0, 1, this.#hour, this.#counts) : ofParents.read(parent, 0, this.#hour, this.#counts);
		shrinkTo(this.#par14, at, this.#counts, short, this.#par1y, at, 3);
	}

	/** How active a region of the parent is in the window's hours of the day against its average, drawn towards everybody's `activity`. */
	#parentActivity(region: number, from: number, hours: number, activity: number): number {
		if (hours >= HOURS_PER_DAY) return activity;
		const { ofParents, ofAll } = this.#columns;
		const local = from + (this.#ahead[region] ?? 0);
		const width = hours + SKIRT_WIDTH;
		const inside =
			this.#parent === EVERYBODY
				? smoothedWeek(ofAll.week, region, local, hours)
				: smoothed(ofParents.hours, this.#parent, region, local, hours) * this.#parentDecay;
		const share =
			(inside + (PARENT_HOURS_PRIOR * activity * width) / HOURS_PER_DAY) / ((this.#parentTotals[region] ?? 0) + PARENT_HOURS_PRIOR);
		return (share * HOURS_PER_DAY) / width;
	}

	/** The partition's own counts in the window's hours of the day, drawn towards the parent's tilt. For whole days, the last fortnight. */
	#fillOwnHours(from: number, hours: number): void {
		const { own, regions } = this.#columns;
		const { forecasts } = this;
		const out = OWN_HOURS * regions;
		if (hours >= HOURS_PER_DAY) {
			forecasts.copyWithin(out, OWN_14D * regions, (OWN_14D + 1) * regions);
			return;
		}
		let total = 0;
		for (let region = 0; region < regions; region += 1) {
			const local = from + (this.#ahead[region] ?? 0);
			const count = smoothed(own.hours, this.#partition, region, local, hours) * this.#ownDecay;
			forecasts[out + region] = count;
			total += count;
		}
		for (let region = 0; region < regions; region += 1) {
			forecasts[out + region] = ((forecasts[out + region] ?? 0) + OWN_HOURS_PRIOR * (this.#prior[region] ?? 0)) / (total + OWN_HOURS_PRIOR);
		}
	}
}

/** Hours on each side of a window that count half, so that a neighbouring hour says something too. */
const SKIRT_WEIGHT = 0.5;
const SKIRT_WIDTH = 2 * SKIRT_WEIGHT;

/** Kept counts of a region in some hours of the day, and half of those beside them. */
function smoothed(counts: CountColumns, slot: number, region: number, from: number, hours: number): number {
	const start = region * HOURS_PER_DAY;
	const first = from % HOURS_PER_DAY;
	const beside =
		counts.kept(slot, start + ((first + HOURS_PER_DAY - 1) % HOURS_PER_DAY)) + counts.kept(slot, start + ((first + hours) % HOURS_PER_DAY));
	let sum = SKIRT_WEIGHT * beside;
	for (let hour = first; hour < first + hours; hour += 1) sum += counts.kept(slot, start + (hour % HOURS_PER_DAY));
	return sum;
}

/** The same of everybody's accesses. */
function smoothedWeek(week: WeekProfile, region: number, from: number, hours: number): number {
	const first = from % HOURS_PER_DAY;
	const beside = week.ofHour(region, (first + HOURS_PER_DAY - 1) % HOURS_PER_DAY) + week.ofHour(region, (first + hours) % HOURS_PER_DAY);
	let sum = SKIRT_WEIGHT * beside;
	for (let hour = first; hour < first + hours; hour += 1) sum += week.ofHour(region, hour % HOURS_PER_DAY);
	return sum;
}

/** `(counts + strength x prior) / (total + strength)` into `out`. */
function shrinkTo(
	out: Float64Array,
	at: number,
	counts: Float64Array,
	total: number,
	prior: Float64Array,
	priorAt: number,
	strength: number,
): void {
	for (let region = 0; region < counts.length; region += 1) {
		out[at + region] = ((counts[region] ?? 0) + strength * (prior[priorAt + region] ?? 0)) / (total + strength);
	}
}

function normalise(values: Float64Array, from: number, count: number): void {
	let total = 0;
	for (let index = from; index < from + count; index += 1) total += values[index] ?? 0;
	for (let index = from; index < from + count; index += 1) values[index] = (values[index] ?? 0) / total;
}
