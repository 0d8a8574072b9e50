import { expect, it } from "vitest";
import { runSeeds } from "#simulation/run-seeds.ts";

const FIRST = Number(process.env["HELIOTROPE_SIMULATION_SEED"] ?? 1);
const COUNT = Number(process.env["HELIOTROPE_SIMULATION_RUNS"] ?? 2000);

it(`holds every invariant in ${COUNT} seeds from ${FIRST} on`, { timeout: 240_000 }, async () => {
	const tally = await runSeeds(Array.from({ length: COUNT }, (_, i) => FIRST + i));
	// Each names the seed that replays it: npx heliotrope simulate --seed S.
	expect(tally.violations).toEqual([]);
	expect(tally.seeds).toBe(COUNT);
	expect(tally.migrations).toBeGreaterThan(COUNT * 0.8);
	expect(tally.promotions).toBeGreaterThan(COUNT * 0.05);
	expect(tally.faults).toBeGreaterThan(COUNT * 5);
	expect(tally.operations).toBeGreaterThan(COUNT * 20);
});
