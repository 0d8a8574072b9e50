import type { RegionId } from "#domain/geography/region-id.ts";
import { allowsCopyIn, type PartitionRecord } from "#domain/partition/record.ts";
import { type Alternative, type Decision, DecisionReason } from "#domain/placement/decision.ts";
import { compareCodes } from "#domain/placement/expected-cost.ts";
import { SET_RULE } from "#domain/placement/sets/choose-set.ts";
import { type HourlyAccesses, hoursAhead } from "#domain/placement/sets/hours-ahead.ts";
import type { ReplicaInput } from "#domain/placement/sets/replica-input.ts";
import {
	maskOf,
	type ReplicaCosts,
	type ReplicaOption,
	replicaOptions,
	type WeekDemand,
	zScoreOfSets,
} from "#domain/placement/sets/replica-options.ts";
import { countBits } from "#domain/placement/sets/set-table.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";

/** Everything that a decision about copies is made of. */
export interface Outlined {
	readonly vector: PredictionVector;
	/** In the order of codes: the bits of all masks. */
	readonly regions: readonly RegionId[];
	readonly week: WeekDemand;
	readonly hours: HourlyAccesses;
	readonly costs: ReplicaCosts;
	readonly transferCostMs: number;
	/** What there is, whether it is allowed or not. */
	readonly present: ReplicaOption;
	/** The present leader, index of a region, and a region that has to lead; -1: none. */
	readonly leader: number;
	readonly pin: number;
	/** What is allowed, cheapest first. */
	readonly options: readonly ReplicaOption[];
	/** The cheapest set if everything were allowed. */
	readonly unbound: ReplicaOption | undefined;
	readonly allowed: number;
	/** Standard errors that a saving has to be above zero before a copy is made for it. */
	readonly minZScore: number;
	/** The rule that the present copies break. */
	readonly demanded: DecisionReason | undefined;
}

export function outline(input: ReplicaInput, record: PartitionRecord, vector: PredictionVector): Outlined {
	const { replicas, settings, decidedAtMs } = input;
	const copies = [record.leader, ...record.followers];
	const regions = [...new Set([...input.regions, ...copies])].sort(compareCodes);
	const tables = input.tablesOf(regions, Math.max(replicas.maxCopies, copies.length));
	const costs = { ...replicas, followed: SET_RULE.followed, copyChargeMs: SET_RULE.chargeShare * settings.moveCostMs };
	const week = weekOf(vector, regions);
	const mask = maskOf(copies, regions);
	const allowed = allowedIn(input, record, regions, copies);
	const pin = record.pin === undefined ? -1 : regions.indexOf(record.pin);
	const inBounds = (rules: { allowed: number; pin: number }): readonly ReplicaOption[] =>
		replicaOptions(tables, week, costs, { ...rules, present: mask }).filter(({ table }) => table.copies <= replicas.maxCopies);
	const present = replicaOptions(tables, week, costs, { allowed: mask, pin: -1, present: mask }).find((option) => option.regions === mask);
	if (present === undefined) throw new RangeError("the present copies are a set of the tables");
	const byCost = (a: ReplicaOption, b: ReplicaOption): number =>
		totalOf(a, costs) - totalOf(b, costs) || Number(b.regions === mask) - Number(a.regions === mask) || a.table.copies - b.table.copies;
	const options = [...inBounds({ allowed, pin })].sort(byCost).map((option) => (option.regions === mask ? present : option));
	return {
		vector,
		regions,
		week,
		hours: hoursAhead(input.outlook, input.vectors, regions, hourOf(decidedAtMs) + LEAD_HOURS),
		costs,
		transferCostMs: replicas.transferCostMs,
		present,
		leader: regions.indexOf(record.leader),
		pin,
		options,
		unbound: [...inBounds({ allowed: maskOf(input.regions, regions), pin: -1 })].sort(byCost)[0],
		allowed,
		minZScore: settings.minZScore,
		demanded: demandedBy(record, copies),
	};
}

function weekOf(
	{ regions: known, probabilities, expectedAccesses, effectiveCount }: PredictionVector,
	regions: readonly RegionId[],
): WeekDemand {
	return {
		shares: Float64Array.from(regions, (region) => probabilities[known.indexOf(region)] ?? 0),
		accesses: expectedAccesses,
		evidence: effectiveCount,
	};
}

/** A frozen region takes no new copy and gives none away. */
function allowedIn(
	{ regions: deployed, freeze }: ReplicaInput,
	record: PartitionRecord,
	regions: readonly RegionId[],
	copies: readonly RegionId[],
): number {
	const isLost = (region: RegionId): boolean => record.lost?.some((copy) => copy.region === region) ?? false;
	const may = (region: RegionId): boolean =>
		deployed.includes(region) &&
		allowsCopyIn(record, region) &&
		!isLost(region) &&
		(!freeze.regions.includes(region) || copies.includes(region));
	return maskOf(regions.filter(may), regions);
}

function demandedBy(record: PartitionRecord, copies: readonly RegionId[]): DecisionReason | undefined {
	if (copies.some((region) => !allowsCopyIn(record, region))) return DecisionReason.Residency;
	return record.pin !== undefined && record.pin !== record.leader ? DecisionReason.Pin : undefined;
}

const totalOf = ({ weekMs, added }: ReplicaOption, { copyChargeMs }: ReplicaCosts): number => weekMs + copyChargeMs * countBits(added);

/** What a set costs in a week with the charge for the copies still to be made, ms x accesses. */
export const totalMs = (option: ReplicaOption, { costs }: Outlined): number => totalOf(option, costs);

/** Why a set is not taken instead of the present one, if it is not. A copy that is only taken back needs no certainty. */
export function doubtOf(outlined: Outlined, option: ReplicaOption): DecisionReason | undefined {
	const { present, week, minZScore } = outlined;
	if (option === present) return DecisionReason.AlreadyBest;
	const [before, after] = [totalMs(present, outlined), totalMs(option, outlined)];
	if (!(after < before)) return DecisionReason.NotWorthMoving;
	if (!(before - after > SET_RULE.minRelativeSaving * before)) return DecisionReason.SmallSaving;
	return option.added !== 0 && !(zScoreOfSets(week, present, option) > minZScore) ? DecisionReason.Uncertain : undefined;
}

/** The rule without which another set would have been the cheapest. */
export function boundOf({ unbound, options, allowed, regions }: Outlined, alternatives: readonly Alternative[]): Pick<Decision, "bound"> {
	if (unbound === undefined || unbound.regions === options[0]?.regions) return {};
	const excluded = alternatives.find(
		({ region, excludedBy }) => excludedBy !== undefined && (unbound.regions & ~allowed & (1 << regions.indexOf(region))) !== 0,
	);
	return excluded?.excludedBy === undefined ? {} : { bound: { by: excluded.excludedBy, region: excluded.region } };
}
