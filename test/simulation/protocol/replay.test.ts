import { describe, expect, it } from "vitest";
import { generateScenario } from "#simulation/generate-scenario.ts";
import { PLANTED_BUGS } from "#simulation/planted/bugs.ts";
import { searchPlanted } from "#simulation/planted/search.ts";
import { replaySeed, replayShrunk } from "#simulation/replay.ts";

const bug = PLANTED_BUGS.find(({ name }) => name === "cut over with the journal not carried");

describe("a seed", () => {
	it.each([1, 17, 4242])("replays to the letter: %i", async (seed) => {
		expect(generateScenario(seed)).toEqual(generateScenario(seed));
		const [first, second] = [await replaySeed(seed), await replaySeed(seed)];
		expect(second).toEqual(first);
		expect(first.timeline.length).toBeGreaterThan(20);
	});

	it("that violates something shrinks to what the violation needs", async () => {
		const found = bug === undefined ? undefined : await searchPlanted(bug, 100);
		if (found === undefined) throw new Error("the bug was not found");
		const { seed, invariant } = found;
		const full = generateScenario(seed);
		const { scenario, result, timeline } = await replayShrunk(seed, invariant, bug?.weaken);
		expect(result.violations.map((violation) => violation.invariant)).toContain(invariant);
		const operations = (of: typeof full): number => of.clients.reduce((sum, client) => sum + client.operations.length, 0);
		expect(operations(scenario)).toBeLessThan(operations(full));
		expect(Object.values(scenario.rates).every((rate) => rate === 0)).toBe(true);
		expect(timeline.length).toBeGreaterThan(0);
	});
});
