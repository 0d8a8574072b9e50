import type { HourlyAccesses } from "#domain/placement/sets/hours-ahead.ts";
import { LeaderPlanner } from "#domain/placement/sets/plan-leader.ts";
import type { WeekDemand } from "#domain/placement/sets/replica-options.ts";
import type { SetTable } from "#domain/placement/sets/set-table.ts";

export interface LeaderPlanInput {
	readonly table: SetTable;
	readonly set: number;
	/** The present leader, index of a region. */
	readonly present: number;
	readonly hours: HourlyAccesses;
	readonly week: WeekDemand;
	/** The share of accesses that go to the leader, 0..1. */
	readonly leaderShare: number;
	/** ms x accesses that a change of leadership is charged. */
	readonly chargeMs: number;
}

/** Who leads in the next hour. */
export interface LeaderPlan {
	/** Index of a region. */
	readonly leader: number;
	/** What the hours ahead and the time after them cost less than with the present leader in the next hour, charges of later changes included. */
	readonly savingMs: number;
	/** What the cheapest sequence that begins with each region costs; infinite for those that are no members of the set. */
	readonly costs: Float64Array;
}

/** The first step of the cheapest sequence of leaders over the hours ahead, a week at its mean after them. */
export function planLeader({ table, set, present, hours, week, leaderShare, chargeMs }: LeaderPlanInput): LeaderPlan {
	const { regions, copies, members } = table;
	const row = new Float64Array(regions);
	const hourly = new Float32Array(hours.hours * regions);
	for (let hour = 0; hour < hours.hours; hour += 1) {
		table.leaderCosts(hours.accesses, row, hour * regions);
		for (let region = 0; region < regions; region += 1) hourly[hour * regions + region] = leaderShare * (row[region] ?? 0);
	}
	table.leaderCosts(week.shares, row);
	const planner = new LeaderPlanner(table);
	const afterwards = { values: row, at: 0, times: leaderShare * week.accesses };
	const leader = planner.next(set, present, afterwards, hourly, 0, hours.hours, chargeMs);
	const costs = new Float64Array(regions).fill(Number.POSITIVE_INFINITY);
	for (let position = 0; position < copies; position += 1) costs[members[set * copies + position] ?? 0] = planner.costs[position] ?? 0;
	return { leader, savingMs: table.has(set, present) ? (costs[present] ?? 0) - (costs[leader] ?? 0) : 0, costs };
}
