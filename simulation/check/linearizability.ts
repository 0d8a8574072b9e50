import assert from "node:assert/strict";

/** The value of a register that holds nothing. */
export const ABSENT = 0;

/** What an operation needs of the register's value to have its effect. */
export type Needs = { readonly is: number } | { readonly isNot: number } | "anything";

/** One operation on one register. Times are positions in one total order of calls and answers. */
export interface RegisterOperation {
	/** For the report. */
	readonly label: string;
	readonly start: number;
	/** Infinity when no answer told the outcome: it may take effect at any time since, or never. */
	readonly end: number;
	/** It may have taken effect by `end`, or never. */
	readonly optional?: true;
	readonly needs: Needs;
	/** The value it leaves; undefined where it only looks. */
	readonly sets?: number;
}

/** Operations open at once; more make the number of orders too large, and no scenario has as many. */
const MAX_OPEN = 24;
const MASKS = 2 ** MAX_OPEN;

/**
 * Checks one register's history with just-in-time linearization: walks along calls and answers and keeps every pair of a value and the
 * set of open operations that have taken effect (Lowe, "Testing for linearizability", 2017, section 4; pairs already known are not
 * followed again). Linear in the length of the history where few operations are open at once.
 *
 * @returns the operation whose answer no order explains, with the values that the register could have had; undefined if there is an order
 */
export function findViolation(
	history: readonly RegisterOperation[],
	initial: number,
): { readonly operation: RegisterOperation; readonly possible: readonly number[] } | undefined {
	const open: (RegisterOperation | undefined)[] = [];
	let states = new Set([initial * MASKS]);
	for (const event of eventsOf(history)) {
		if (event.kind === "call") {
			const free = open.indexOf(undefined);
			open[free < 0 ? open.length : free] = event.operation;
			assert(open.length <= MAX_OPEN, "too many operations at once to check");
			continue;
		}
		const slot = open.indexOf(event.operation);
		const bit = 1 << slot;
		const before = [...new Set([...states].map(registerValueOf))];
		const after = answered(states, open, bit);
		if (event.operation.optional === true) for (const state of states) if ((maskOf(state) & bit) === 0) after.add(state);
		states = after;
		if (states.size === 0) return { operation: event.operation, possible: before };
		open[slot] = undefined;
	}
	return undefined;
}

const registerValueOf = (state: number): number => Math.floor(state / MASKS);
const maskOf = (state: number): number => state % MASKS;

/** Every state in which the operation of `bit` has taken effect, without it. */
function answered(states: ReadonlySet<number>, open: readonly (RegisterOperation | undefined)[], bit: number): Set<number> {
	const seen = new Set(states);
	const result = new Set<number>();
	const stack = [...states];
	for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
		const mask = maskOf(state);
		if ((mask & bit) !== 0) {
			result.add(state - bit);
			continue;
		}
		const value = registerValueOf(state);
		for (const [slot, operation] of open.entries()) {
			if (operation === undefined || (mask & (1 << slot)) !== 0 || !meets(value, operation.needs)) continue;
			const next = (operation.sets ?? value) * MASKS + (mask | (1 << slot));
			if (seen.has(next)) continue;
			seen.add(next);
			stack.push(next);
		}
	}
	return result;
}

const meets = (value: number, needs: Needs): boolean =>
	needs === "anything" || ("is" in needs ? value === needs.is : value !== needs.isNot);

interface Event {
	readonly kind: "call" | "answer";
	readonly operation: RegisterOperation;
	readonly at: number;
}

const eventsOf = (history: readonly RegisterOperation[]): readonly Event[] =>
	history
		.flatMap((operation): Event[] => [
			{ kind: "call", operation, at: operation.start },
			...(operation.end === Number.POSITIVE_INFINITY ? [] : [{ kind: "answer" as const, operation, at: operation.end }]),
		])
		.sort((a, b) => a.at - b.at);
