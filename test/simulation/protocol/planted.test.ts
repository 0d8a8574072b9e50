import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PLANTED_BUGS } from "#simulation/planted/bugs.ts";
import { runSeed } from "#simulation/run-seeds.ts";

/** A bug that takes longer to be found says that the scenarios have become too tame. */
const MOST_SEEDS = 2_000;

/** Each row of the table in the simulation's README: a bug, the first seed that finds it, and the invariant that it breaks. */
const ROWS = [...readFileSync("simulation/README.md", "utf8").matchAll(/^\| (.+) \| (\d+) \| (.+) \|$/gm)].map(
	([, name = "", seed, invariant = ""]) => ({ name, seed: Number(seed), invariant }),
);

it("every planted bug has its row in the README, and there are ten at least", () => {
	expect(ROWS.map(({ name }) => name)).toEqual(PLANTED_BUGS.map(({ name }) => name));
	expect(new Set(ROWS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(10);
	expect(Math.max(...ROWS.map(({ seed }) => seed))).toBeLessThanOrEqual(MOST_SEEDS);
});

// That no earlier seed finds it is not looked at: the search of all takes half a minute.
it.each(ROWS)("$name is found by seed $seed", async ({ name, seed, invariant }) => {
	const bug = PLANTED_BUGS.find((planted) => planted.name === name);
	const { violations } = await runSeed(seed, bug?.weaken);
	expect(violations[0]?.invariant, "search anew with: npx heliotrope simulate --planted").toBe(invariant);
});
