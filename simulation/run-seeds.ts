import { generateScenario } from "#simulation/generate-scenario.ts";
import type { Weakening } from "#simulation/planted/weakening.ts";
import { runScenario } from "#simulation/run-scenario.ts";

/** A violation and the seed that replays it. */
export interface FoundViolation {
	readonly seed: number;
	readonly invariant: string;
	readonly detail: string;
}

/** What a number of runs came to. */
export interface Tally {
	readonly seeds: number;
	readonly migrations: number;
	readonly promotions: number;
	readonly operations: number;
	readonly faults: number;
	readonly violations: readonly FoundViolation[];
}

export const NOTHING_YET: Tally = { seeds: 0, migrations: 0, promotions: 0, operations: 0, faults: 0, violations: [] };

/** Both together. */
export const addTallies = (a: Tally, b: Tally): Tally => ({
	seeds: a.seeds + b.seeds,
	migrations: a.migrations + b.migrations,
	promotions: a.promotions + b.promotions,
	operations: a.operations + b.operations,
	faults: a.faults + b.faults,
	violations: [...a.violations, ...b.violations],
});

/** Runs one seed. */
export async function runSeed(seed: number, weaken?: Weakening): Promise<Tally> {
	// Faults are thrown by the hundred thousand; a replay has their stacks.
	const { stackTraceLimit } = Error;
	Error.stackTraceLimit = 0;
	const result = await runScenario(generateScenario(seed), weaken === undefined ? {} : { weaken });
	Error.stackTraceLimit = stackTraceLimit;
	return { ...result, seeds: 1, violations: result.violations.map((violation) => ({ seed, ...violation })) };
}

/** Runs seeds one after the other; lets the event loop turn between them, so that whoever runs them can stop it. */
export async function runSeeds(seeds: Iterable<number>): Promise<Tally> {
	let tally = NOTHING_YET;
	for (const seed of seeds) {
		tally = addTallies(tally, await runSeed(seed));
		await new Promise((resolve) => setImmediate(resolve));
	}
	return tally;
}
