import type { RegionId } from "#domain/geography/region-id.ts";
import type { Target } from "#domain/placement/choose-placement.ts";
import { DecisionReason } from "#domain/placement/decision.ts";
import { type LeaderPlan, planLeader } from "#domain/placement/sets/leader-plan.ts";
import { type ReplicaSet, replicaActions } from "#domain/placement/sets/replica-actions.ts";
import { type ReplicaOption, regionsOf, zScoreOfSets } from "#domain/placement/sets/replica-options.ts";
import { type Outlined, totalMs } from "#domain/placement/sets/replica-outline.ts";

/** A set, with the leader that the plan for it begins with. */
export function copiesTarget(outlined: Outlined, option: ReplicaOption): Target {
	const { present, week, regions } = outlined;
	const { leader } = planFor(outlined, option);
	return {
		...placeOf(outlined, option, leader),
		reason: DecisionReason.Copies,
		adds: regionsOf(option.added, regions),
		savingMs: present.meanMs - option.meanMs,
		benefitMs: totalMs(present, outlined) - totalMs(option, outlined),
		zScore: zScoreOfSets(week, present, option),
	};
}

/** Another leader among the copies there are, where the plan begins with one. */
export function followTarget(outlined: Outlined): readonly Target[] {
	const { present, leader, transferCostMs, week, hours, regions } = outlined;
	const plan = planFor(outlined, present);
	const to = regions[plan.leader];
	if (plan.leader === leader || to === undefined) return [];
	const benefitMs = plan.savingMs - transferCostMs;
	return [
		{
			...placeOf(outlined, present, plan.leader),
			reason: DecisionReason.Follow,
			adds: [],
			savingMs: plan.savingMs / Math.max(week.accesses, Number.MIN_VALUE),
			benefitMs,
			zScore: 0,
			plan: { hours: hours.hours, leader: to, savingMs: plan.savingMs, chargeMs: transferCostMs },
		},
	];
}

function planFor(outlined: Outlined, { table, set }: ReplicaOption): Pick<LeaderPlan, "leader" | "savingMs"> {
	const { pin, leader: present, hours, week, costs, transferCostMs } = outlined;
	if (pin !== -1) return { leader: pin, savingMs: 0 };
	return planLeader({ table, set, present, hours, week, leaderShare: 1 - costs.readShare, chargeMs: transferCostMs });
}

function placeOf(outlined: Outlined, option: ReplicaOption, leader: number): Pick<Target, "target" | "chosen" | "actions"> {
	const { regions, present, leader: before } = outlined;
	const regionAt = (index: number): RegionId => regions[index] as RegionId;
	const wanted: ReplicaSet = { leader: regionAt(leader), copies: regionsOf(option.regions, regions) };
	const standing: ReplicaSet = { leader: regionAt(before), copies: regionsOf(present.regions, regions) };
	return {
		target: wanted.leader,
		chosen: [wanted.leader, ...wanted.copies.filter((region) => region !== wanted.leader)],
		actions: replicaActions(standing, wanted),
	};
}
