import { betterPlaces, moveOnlyCopy, ONLY_COPY_RULE, type OnlyCopyRule } from "#domain/placement/only-copy.ts";
import { SET_RULE, SetChooser, type SetDemand, type SetRule } from "#domain/placement/sets/choose-set.ts";
import { LeaderPlanner } from "#domain/placement/sets/plan-leader.ts";
import { SetTable } from "#domain/placement/sets/set-table.ts";
import { LEAD_HOURS, WEEK_WINDOW_HOURS } from "#domain/prediction/settings.ts";
import { ProbeColumns } from "#predictor/evaluation/probe-columns.ts";
import { NOTHING_OUTSIDE, Outside, type OutsideSources } from "#predictor/external/outside.ts";
import type { Model } from "#predictor/models/model.ts";
import { expectedVolume, VOLUME_FEATURES, volumeFeatures } from "#predictor/models/volume.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";
import { ACTIVE_HOURS } from "#predictor/training/train-models.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import { coolDownHours } from "#replay/engine/cool-down.ts";
import { HourlyDemand } from "#replay/engine/predictive/hourly-demand.ts";
import { Rationing, type Wish } from "#replay/engine/predictive/rationing.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** How forecasts are turned into sets and leaders. */
export interface PredictiveRule extends SetRule, OnlyCopyRule {
	/** What a change of leadership is charged in the plan, as a share of the transfer's charge. */
	readonly transferShare: number;
}
export const PREDICTIVE_RULE: PredictiveRule = { ...SET_RULE, ...ONLY_COPY_RULE, transferShare: 1 };

/** Hours after its last access for which a partition is forecast where moves are free. */
const FREE_ACTIVE_HOURS = 2_160;
/** Sets that a partition wishes for at most, where there is not room for all. */
const WISHES = 6;
/** Hours after which the week's forecast of a partition without accesses is made anew. */
const SET_REFRESH_HOURS = 24;

/** Plays several rules at once on the same forecasts, hour by hour over all partitions. Decisions take effect one hour later. */
export function playPredictive(
	world: ReplayWorld,
	model: Model,
	plays: readonly { readonly rule: PredictiveRule; readonly account: Account }[],
	options: { readonly outside?: OutsideSources; readonly belowHour?: number; readonly onProgress?: (share: number) => void } = {},
): void {
	const { cells } = world.trace;
	const player = new PredictivePlayer(world, model, plays, options.outside ?? NOTHING_OUTSIDE);
	const first = cells.hour[0] ?? 0;
	const last = Math.min(cells.hour.at(-1) ?? first, (options.belowHour ?? Number.POSITIVE_INFINITY) - 1);
	for (let hour = first; hour <= last; hour += 1) {
		player.step(hour);
		if (hour % 1000 === 0) options.onProgress?.((hour - first) / (last - first + 1));
	}
}

/** One rule's placements: in force, to be in force in an hour, and decided on last. */
interface Standing {
	readonly rule: PredictiveRule;
	readonly account: Account;
	readonly set: Int32Array;
	readonly leader: Uint8Array;
	readonly dueSet: Int32Array;
	readonly dueLeader: Uint8Array;
	readonly nextSet: Int32Array;
	readonly nextLeader: Uint8Array;
	readonly setSinceHour: Int32Array;
	/** Only where regions or hours have limits. */
	readonly rationing: Rationing | undefined;
}

class PredictivePlayer {
	readonly #world: ReplayWorld;
	readonly #model: Model;
	readonly #standings: readonly Standing[];
	readonly #walk: HourWalk;
	readonly #outside: Outside;
	/** What the weeks that have passed say of the forecasts. */
	readonly #probes: ProbeColumns;
	readonly #chooser: SetChooser;
	readonly #planner: LeaderPlanner;
	readonly #demand: HourlyDemand;
	readonly #features = new Float64Array(VOLUME_FEATURES);
	readonly #shares: Float64Array;
	/** Partitions that are forecast, and whether one is among them. */
	#active: number[] = [];
	readonly #isActive: Uint8Array;
	readonly #hasAppeared: Uint8Array;
	readonly #setForecastHour: Int32Array;
	/** Partitions with a decision of the last hour, and of the one before. */
	#decided: number[] = [];
	#due: number[] = [];
	#cell = 0;
	/** Whether moving the only copy costs nothing, so that even rare accesses are worth following. */
	readonly #isFree: boolean;

	constructor(
		world: ReplayWorld,
		model: Model,
		plays: readonly { readonly rule: PredictiveRule; readonly account: Account }[],
		outside: OutsideSources,
	) {
		const { partitions, regions } = world.trace;
		this.#world = world;
		this.#model = model;
		this.#standings = plays.map((play) => ({
			...play,
			set: world.initial.set.slice(),
			leader: world.initial.leader.slice(),
			dueSet: world.initial.set.slice(),
			dueLeader: world.initial.leader.slice(),
			nextSet: world.initial.set.slice(),
			nextLeader: world.initial.leader.slice(),
			setSinceHour: new Int32Array(partitions.length).fill(-coolDownHours(world.settings)),
			rationing: Rationing.isNeeded(world.settings) ? new Rationing(world.table, world.settings) : undefined,
		}));
		this.#isFree = world.settings.copies === 1 && world.settings.moveCostMs === 0;
		this.#walk = new HourWalk(world.trace);
		this.#outside = new Outside(world.trace, outside);
		this.#probes = new ProbeColumns(partitions.length, WEEK_WINDOW_HOURS, model.calibrator(WEEK_WINDOW_HOURS));
		this.#chooser = new SetChooser(world.table);
		const { table } = world;
		// the only copy is a leader that may go to any region
		this.#planner = new LeaderPlanner(table.copies > 1 ? table : new SetTable(table.regions, table.regions, table.rttMs));
		this.#demand = new HourlyDemand(world, model, this.#walk);
		this.#shares = new Float64Array(regions.length);
		this.#isActive = new Uint8Array(partitions.length);
		this.#hasAppeared = new Uint8Array(partitions.length);
		this.#setForecastHour = new Int32Array(partitions.length).fill(-SET_REFRESH_HOURS);
	}

	/** Serves the accesses of `hour`, then decides with them for the hour after the next. */
	step(hour: number): void {
		this.#takeEffect();
		this.#serve(hour);
		const now = hour + 1;
		this.#walk.advance(now);
		this.#outside.advance(now);
		for (const partition of this.#walk.touched) this.#activate(partition);
		const activeHours = this.#isFree ? FREE_ACTIVE_HOURS : ACTIVE_HOURS;
		const still: number[] = [];
		for (const partition of this.#active) {
			if (now - (this.#walk.columns.own.lastHour[partition] ?? 0) > activeHours) {
				this.#isActive[partition] = 0;
				continue;
			}
			still.push(partition);
			this.#decide(partition, now);
		}
		this.#active = still;
		this.#ration(now);
	}

	#activate(partition: number): void {
		if (this.#isActive[partition] === 1) return;
		if (this.#hasAppeared[partition] === 0) {
			this.#hasAppeared[partition] = 1;
			for (const { rationing, nextSet } of this.#standings) rationing?.appear(nextSet[partition] ?? 0);
		}
		this.#isActive[partition] = 1;
		this.#active.push(partition);
	}

	/** What was decided an hour ago comes into force; what was decided now waits for an hour. */
	#takeEffect(): void {
		for (const { set, leader, dueSet, dueLeader, nextSet, nextLeader } of this.#standings) {
			for (const partition of this.#due) {
				set[partition] = dueSet[partition] ?? 0;
				leader[partition] = dueLeader[partition] ?? 0;
			}
			for (const partition of this.#decided) {
				dueSet[partition] = nextSet[partition] ?? 0;
				dueLeader[partition] = nextLeader[partition] ?? 0;
			}
		}
		this.#due = this.#decided;
		this.#decided = [];
	}

	#serve(hour: number): void {
		const { cells } = this.#world.trace;
		for (; this.#cell < cells.hour.length && cells.hour[this.#cell] === hour; this.#cell += 1) {
			const partition = cells.partition[this.#cell] ?? 0;
			for (const { account, set, leader } of this.#standings) account.serve(this.#cell, set[partition] ?? 0, leader[partition] ?? 0);
			this.#probes.watch(partition, cells.region[this.#cell] ?? 0, cells.count[this.#cell] ?? 0, hour);
		}
	}

	#decide(partition: number, now: number): void {
		const touched = (this.#walk.columns.own.lastHour[partition] ?? 0) === now - 1;
		const setDue = touched || now - (this.#setForecastHour[partition] ?? 0) >= SET_REFRESH_HOURS;
		const planDue = touched || this.#demand.isStale(partition, now);
		if (setDue || planDue) this.#walk.experts.select(partition);
		const setDemand = setDue ? this.#forecastWeek(partition, now) : undefined;
		if (planDue) this.#demand.forecast(partition, now, this.#outside);
		let changed = false;
		for (const standing of this.#standings) changed = this.#decideOne(standing, partition, now, setDemand) || changed;
		if (changed) this.#decided.push(partition);
	}

	#forecastWeek(partition: number, now: number): SetDemand {
		const { experts } = this.#walk;
		this.#setForecastHour[partition] = now;
		const activity = experts.tilt(now + LEAD_HOURS, WEEK_WINDOW_HOURS);
		this.#model.mix(experts, WEEK_WINDOW_HOURS, this.#shares);
		this.#probes.adjust(partition, now + LEAD_HOURS, this.#shares);
		const tilted = this.#outside.tiltShares(partition, WEEK_WINDOW_HOURS, this.#shares, this.#walk);
		if (tilted?.isOwn === false) this.#probes.forget(partition, now + LEAD_HOURS);
		volumeFeatures(experts.amounts, activity, this.#features);
		const { weights } = this.#model.volume(WEEK_WINDOW_HOURS);
		const { readShare, moveCostMs } = this.#world.settings;
		const accesses = expectedVolume(weights, this.#features) * (tilted?.growth ?? 1);
		this.#demand.expectWeek(partition, this.#shares, accesses, experts.amounts.n60d);
		return {
			shares: this.#shares,
			accesses,
			evidence: experts.amounts.n60d,
			readShare,
			copyChargeMs: moveCostMs,
		};
	}

	#decideOne(standing: Standing, partition: number, now: number, demand: SetDemand | undefined): boolean {
		return this.#world.table.copies === 1 ? this.#moveOnly(standing, partition, now) : this.#moveSet(standing, partition, now, demand);
	}

	/** With one copy, set and leader are the same region, and a change of it is a move. */
	#moveOnly(standing: Standing, partition: number, now: number): boolean {
		const { rule, nextLeader, setSinceHour, rationing } = standing;
		const { moveCostMs } = this.#world.settings;
		if (now < (setSinceHour[partition] ?? 0) + coolDownHours(this.#world.settings)) return false;
		const present = nextLeader[partition] ?? 0;
		const isCertain = (to: number): boolean => this.#demand.zScore(partition, present, to) > rule.minZScore;
		const begin = (chargeMs: number): number => this.#demand.leader(this.#planner, partition, 0, present, now, chargeMs);
		const move = moveOnlyCopy({ present, moveCostMs, rule, begin, isCertain });
		if (move === undefined) return false;
		if (rationing === undefined) return this.#settleOnly(standing, partition, move.to, now);
		const mayGo = (to: number): boolean => move.away || moveCostMs === 0 || isCertain(to);
		rationing.wish(partition, present, wishesOf(this.#planner.costs, present, move.chargeMs, mayGo));
		return false;
	}

	#settleOnly({ account, nextSet, nextLeader, setSinceHour }: Standing, partition: number, region: number, now: number): boolean {
		if (region === nextLeader[partition]) return false;
		account.copied(partition, now + LEAD_HOURS, 1);
		setSinceHour[partition] = now + LEAD_HOURS;
		nextSet[partition] = region;
		nextLeader[partition] = region;
		return true;
	}

	#moveSet(standing: Standing, partition: number, now: number, demand: SetDemand | undefined): boolean {
		const { rule, nextSet, setSinceHour, rationing } = standing;
		const present = nextSet[partition] ?? 0;
		let set = present;
		if (demand !== undefined && now >= (setSinceHour[partition] ?? 0) + coolDownHours(this.#world.settings)) {
			this.#chooser.consider(demand, rule);
			set = this.#chooser.choose(present, demand, rule);
			if (rationing !== undefined && set !== present) {
				rationing.wish(partition, present, this.#chooser.ranked(present, demand, rule, WISHES));
				return false;
			}
		}
		return this.#settleSet(standing, partition, set, now);
	}

	/** Takes the set, and with it the leader that the plan for it begins with. */
	#settleSet(standing: Standing, partition: number, set: number, now: number): boolean {
		const { rule, account, nextSet, nextLeader, setSinceHour } = standing;
		const { table, settings } = this.#world;
		const copies = table.added(nextSet[partition] ?? 0, set);
		if (copies > 0) {
			account.copied(partition, now + LEAD_HOURS, copies);
			setSinceHour[partition] = now + LEAD_HOURS;
			nextSet[partition] = set;
		}
		const before = nextLeader[partition] ?? 0;
		const leader = this.#demand.leader(this.#planner, partition, set, before, now, rule.transferShare * settings.transferCostMs);
		if (leader !== before) account.transferred(partition, now + LEAD_HOURS);
		nextLeader[partition] = leader;
		return copies > 0 || leader !== before;
	}

	/** Those who have wished get what there is. */
	#ration(now: number): void {
		for (const standing of this.#standings) {
			standing.rationing?.grant((partition, set) => {
				const changed =
					this.#world.table.copies === 1 ? this.#settleOnly(standing, partition, set, now) : this.#settleSet(standing, partition, set, now);
				if (changed) this.#decided.push(partition);
			});
		}
	}
}

/** Regions to which the only copy might go, the best first. @param costs of leading in each region */
const wishesOf = (costs: Float64Array, present: number, chargeMs: number, mayGo: (to: number) => boolean): readonly Wish[] =>
	betterPlaces(costs, present, chargeMs)
		.slice(0, WISHES)
		.filter(({ to }) => mayGo(to))
		.map(({ to, gainMs }) => ({ set: to, gainMs }));
