import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import type { Placements } from "#replay/engine/initial-placement.ts";
import { type ActiveHour, CheapestPath } from "#replay/engine/policies/oracle/cheapest-path.ts";
import type { Step } from "#replay/engine/policies/oracle/frontier.ts";
import { States } from "#replay/engine/policies/oracle/states.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/**
 * Plays the cheapest sequence of sets and leaders that anybody could have chosen in the scored part, knowing all accesses, with the charges,
 * the lead time and the cool-down of the other policies. It begins with no cool-down under way.
 *
 * @param start where partitions stand when the scored part begins
 */
export function playOracle(world: ReplayWorld, start: Placements, account: Account): void {
	const states = new States(world);
	const path = new CheapestPath(world, states);
	for (let partition = 0; partition < world.trace.partitions.length; partition += 1) {
		const hours = scoredHours(world, partition);
		const state = states.of(start.set[partition] ?? 0, start.leader[partition] ?? 0);
		const steps = path.find(hours, state, firstChangeHour(world, partition));
		new Walk(states, partition, state, account).follow(hours, steps);
	}
}

/** Nothing can have changed before: a partition is decided on after the hour in which it is first touched. */
function firstChangeHour({ trace, order, scoredFromHour }: ReplayWorld, partition: number): number {
	const firstHour = trace.cells.hour[order.cells[order.start[partition] ?? 0] ?? 0] ?? 0;
	return Math.max(scoredFromHour, firstHour + 1 + LEAD_HOURS);
}

function scoredHours({ trace, order, scoredFromHour }: ReplayWorld, partition: number): readonly ActiveHour[] {
	const groups = new Map<number, number[]>();
	for (let at = order.start[partition] ?? 0; at < (order.start[partition + 1] ?? 0); at += 1) {
		const cell = order.cells[at] ?? 0;
		const hour = trace.cells.hour[cell] ?? 0;
		if (hour < scoredFromHour) continue;
		const group = groups.get(hour);
		if (group === undefined) groups.set(hour, [cell]);
		else group.push(cell);
	}
	return [...groups].map(([hour, cells]) => ({ hour, cells }));
}

/** Tells an account of a path. */
class Walk {
	readonly #states: States;
	readonly #partition: number;
	readonly #account: Account;
	#state: number;

	constructor(states: States, partition: number, state: number, account: Account) {
		this.#states = states;
		this.#partition = partition;
		this.#state = state;
		this.#account = account;
	}

	follow(hours: readonly ActiveHour[], steps: readonly Step[]): void {
		let next = 0;
		for (const { hour, cells } of hours) {
			for (; (steps[next]?.hour ?? Number.POSITIVE_INFINITY) <= hour; next += 1) this.#take(steps[next]);
			for (const cell of cells) this.#account.serve(cell, this.#states.set(this.#state), this.#states.leader[this.#state] ?? 0);
		}
	}

	#take(step: Step | undefined): void {
		if (step === undefined) return;
		const { table, leader } = this.#states;
		const copies = table.added(this.#states.set(this.#state), this.#states.set(step.state));
		if (copies > 0) this.#account.copied(this.#partition, step.hour, copies);
		if (table.copies > 1 && leader[step.state] !== leader[this.#state]) this.#account.transferred(this.#partition, step.hour);
		this.#state = step.state;
	}
}
