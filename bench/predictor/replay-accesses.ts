import type { Samples } from "#bench/benchmark.ts";
import { type PredictorBenchSizes, REGIONS } from "#bench/predictor/sizes.ts";
import { REGION_IDS, rttMs, syntheticTrace } from "#bench/predictor/synthetic.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { DEFAULT_REACTIVE_RULE } from "#replay/engine/policies/reactive-grid.ts";
import { bestForEach, playStatic } from "#replay/engine/policies/static.ts";
import { createWorld } from "#replay/engine/world.ts";

const LIMIT_PER_SECOND = 1_000_000;

/** Accesses that a reactive policy replays in a second, against a policy that decides nothing. */
export function measureReplay({ accesses, rounds }: PredictorBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`a replay of ${accesses} accesses`);
	const settings = {
		regions: REGION_IDS,
		moveCostMs: 100,
		transferCostMs: 1,
		readShare: 0,
		scoreFrom: 0.5,
		seed: 1,
		rtt: "modelled",
	} as const;
	const world = createWorld(syntheticTrace(accesses), { ...settings, copies: 1 }, rttMs());
	const fixed = bestForEach(world);
	const perSecond = (play: (account: CostAccount) => void): number => {
		const startedMs = performance.now();
		play(new CostAccount(world));
		return (accesses * 1000) / (performance.now() - startedMs);
	};
	const values = Array.from({ length: rounds }, () => perSecond((account) => playReactive(world, DEFAULT_REACTIVE_RULE, account)));
	const baselineValues = Array.from({ length: rounds }, () => perSecond((account) => playStatic(world, fixed, account)));
	const target = { of: "value", is: "at least", limit: LIMIT_PER_SECOND } as const;
	return Promise.resolve([
		{
			metric: `reactive replay, ${accesses} accesses, 1 of ${REGIONS} regions`,
			unit: "accesses/s",
			values,
			baselineOf: "a static policy",
			baselineValues,
			target,
		},
	]);
}
