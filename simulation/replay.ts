import { generateScenario } from "#simulation/generate-scenario.ts";
import type { Weakening } from "#simulation/planted/weakening.ts";
import { type RunResult, runScenario } from "#simulation/run-scenario.ts";
import type { Scenario } from "#simulation/scenario.ts";
import { shrink } from "#simulation/shrink.ts";

/** One seed run again, with everything that happened. */
export interface Replay {
	readonly result: RunResult;
	readonly timeline: readonly string[];
}

/** The smallest part of a failing seed that still violates the same. */
export interface ShrunkReplay extends Replay {
	readonly scenario: Scenario;
}

/** Runs a scenario and keeps its timeline. */
async function replayScenario(scenario: Scenario, weaken: Weakening | undefined): Promise<Replay> {
	const timeline: string[] = [];
	const onLine = (line: string): void => void timeline.push(line);
	const result = await runScenario(scenario, weaken === undefined ? { onLine } : { onLine, weaken });
	return { result, timeline };
}

/** Runs a seed exactly as it ran before. */
export const replaySeed = (seed: number, weaken?: Weakening): Promise<Replay> => replayScenario(generateScenario(seed), weaken);

/** Takes away from a seed what its first violation does not need. */
export async function replayShrunk(seed: number, invariant: string, weaken?: Weakening): Promise<ShrunkReplay> {
	const options = weaken === undefined ? {} : { weaken };
	const scenario = await shrink(generateScenario(seed), async (candidate) =>
		(await runScenario(candidate, options)).violations.some((violation) => violation.invariant === invariant),
	);
	return { scenario, ...(await replayScenario(scenario, weaken)) };
}
