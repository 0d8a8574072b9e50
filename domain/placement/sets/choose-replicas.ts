import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { alternativesFor } from "#domain/placement/candidates.ts";
import { baseOf, blockOf, type DecisionBase, stay, type Target, takeTarget, vectorOf } from "#domain/placement/choose-placement.ts";
import { type Decision, DecisionReason, keptOf } from "#domain/placement/decision.ts";
import { demandOf } from "#domain/placement/expected-cost.ts";
import { isHeldOut } from "#domain/placement/holdout.ts";
import type { ReplicaInput } from "#domain/placement/sets/replica-input.ts";
import { type ReplicaOption, regionsOf } from "#domain/placement/sets/replica-options.ts";
import { boundOf, doubtOf, type Outlined, outline, totalMs } from "#domain/placement/sets/replica-outline.ts";
import { copiesTarget, followTarget } from "#domain/placement/sets/replica-targets.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";

/** A decision, and where else the partition might go, the best first. */
export interface ReplicaChoice {
	readonly decision: Decision;
	readonly targets: readonly Target[];
}

/** Sets that a partition may get instead of the best, where there is not room for all. */
const TARGETS = 6;
/** Sets that a decision record shows. */
const SHOWN = 6;

/**
 * Decides how many copies of a partition there are, where, and who leads: the set by the forecast for the week, the leader by a plan over the
 * hours ahead. Pure; the same input gives the same decision.
 */
export function chooseReplicas(input: ReplicaInput): ReplicaChoice {
	const base = baseOf(input);
	const { record } = input;
	if (record === undefined) return alone(stay(base, DecisionReason.NoRecord));
	const placed = { ...base, source: record.leader, epoch: record.epoch, copies: [record.leader, ...record.followers] };
	const vector = vectorOf(input, input.settings.windowHours);
	if (vector === undefined) return alone(stay(placed, DecisionReason.NoForecast));
	const outlined = outline(input, record, vector);
	return judge(input, record, outlined, inform(input, record, outlined, placed));
}

const alone = (decision: Decision): ReplicaChoice => ({ decision, targets: [] });

/** What every record of a decision with a forecast says. */
function inform(input: ReplicaInput, record: PartitionRecord, outlined: Outlined, base: DecisionBase): DecisionBase {
	const alternatives = alternativesFor(record, demandOf(outlined.vector), input.regions, input.freeze, input.rttMs);
	const shown = [...outlined.options.slice(0, SHOWN), outlined.present].filter((option, index, all) => all.indexOf(option) === index);
	return {
		...base,
		alternatives,
		...boundOf(outlined, alternatives),
		forecast: keptOf(outlined.vector),
		sets: shown.map((option) => ({
			regions: named(option, outlined.regions),
			meanMs: option.meanMs,
			weekMs: totalMs(option, outlined),
		})),
	};
}

/** Leader first. */
function named({ regions: mask, leader }: ReplicaOption, regions: readonly RegionId[]): readonly RegionId[] {
	const first = regions[leader];
	const others = regionsOf(mask, regions).filter((region) => region !== first);
	return first === undefined ? others : [first, ...others];
}

function judge(input: ReplicaInput, record: PartitionRecord, outlined: Outlined, base: DecisionBase): ReplicaChoice {
	const block = blockOf({ ...input, settings: { ...input.settings, coolDownHours: 0 } }, record);
	const best = outlined.options[0];
	if (block !== undefined) return alone(stay(base, block));
	if (best === undefined) return alone(stay(base, DecisionReason.NoAllowedRegion));
	if (outlined.demanded !== undefined)
		return alone(
			takeTarget({ ...base, verdict: "move", reason: outlined.demanded }, { ...copiesTarget(outlined, best), reason: outlined.demanded }),
		);
	const doubt = isCooling(input, record) ? DecisionReason.CoolDown : doubtOf(outlined, best);
	const targets = [...(doubt === undefined ? targetsOf(outlined) : []), ...followTarget(outlined)];
	const first = targets[0];
	// what would have been chosen is told whether it is done or not
	if (first === undefined)
		return alone(stay({ ...base, ...measuresOf(copiesTarget(outlined, best)) }, doubt ?? DecisionReason.AlreadyBest));
	if (isHeldOut(record.partition, input.settings.holdoutShare))
		return alone(stay({ ...base, ...measuresOf(first) }, DecisionReason.Holdout));
	return { decision: takeTarget({ ...base, verdict: "move", reason: DecisionReason.Copies }, first), targets };
}

const measuresOf = ({ target, chosen, savingMs, benefitMs, zScore, plan }: Target): Partial<Decision> => ({
	target,
	savingMs,
	benefitMs,
	zScore,
	...(chosen === undefined ? {} : { chosen }),
	...(plan === undefined ? {} : { plan }),
});

/** Copies rest after they have changed; the leadership among them does not. */
const isCooling = ({ decidedAtMs, settings }: ReplicaInput, { copiesSinceMs }: PartitionRecord): boolean =>
	copiesSinceMs !== undefined && decidedAtMs < copiesSinceMs + settings.coolDownHours * HOUR_MS;

/** Sets that are worth their charge and certain enough, the best first. */
const targetsOf = (outlined: Outlined): readonly Target[] =>
	outlined.options
		.filter((option) => option !== outlined.present && doubtOf(outlined, option) === undefined)
		.slice(0, TARGETS)
		.map((option) => copiesTarget(outlined, option));
