import type { Samples } from "#bench/benchmark.ts";
import { type PredictorBenchSizes, REGIONS } from "#bench/predictor/sizes.ts";
import { rttMs } from "#bench/predictor/synthetic.ts";
import { SET_RULE, SetChooser } from "#domain/placement/sets/choose-set.ts";
import { LeaderPlanner } from "#domain/placement/sets/plan-leader.ts";
import { SetTable } from "#domain/placement/sets/set-table.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";

const COPIES = 3;
const PLAN_HOURS = 18;
/** A million partitions in twenty seconds. */
const LIMIT_PER_SECOND = 1_000_000 / 20;

/** Sets of three copies and leaders chosen in a second, against choosing the leader alone. */
export function measurePlacement({ placed, rounds }: PredictorBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`placement of ${placed} partitions`);
	const table = new SetTable(REGIONS, COPIES, rttMs());
	const values = Array.from({ length: rounds }, () => place(table, placed, true));
	const baselineValues = Array.from({ length: rounds }, () => place(table, placed, false));
	const target = { of: "value", is: "at least", limit: LIMIT_PER_SECOND } as const;
	return Promise.resolve([
		{
			metric: `placement, ${placed} partitions, ${COPIES} of ${REGIONS} regions and their leader`,
			unit: "partitions/s",
			values,
			baselineOf: "leaders alone",
			baselineValues,
			target,
		},
	]);
}

function place(table: SetTable, partitions: number, sets: boolean): number {
	const random = seededRandom(3);
	const chooser = new SetChooser(table);
	const planner = new LeaderPlanner(table);
	const shares = new Float64Array(REGIONS);
	const hourly = Float32Array.from({ length: PLAN_HOURS * REGIONS }, () => random() * 10);
	const afterwards = { values: Float64Array.from({ length: REGIONS }, () => random() * 100), at: 0, times: 1 };
	const startedMs = performance.now();
	for (let partition = 0; partition < partitions; partition += 1) {
		shares.fill(0.05);
		shares[partition % REGIONS] = 1 - 0.05 * (REGIONS - 1);
		const demand = { shares, accesses: 10 + (partition % 50), evidence: 20, readShare: 0.5, copyChargeMs: 100 };
		let set = partition % table.size;
		if (sets) {
			chooser.consider(demand, SET_RULE);
			set = chooser.choose(set, demand, SET_RULE);
		}
		planner.next(set, table.members[set * COPIES] ?? 0, afterwards, hourly, 0, PLAN_HOURS, 1);
	}
	return (partitions * 1000) / (performance.now() - startedMs);
}
