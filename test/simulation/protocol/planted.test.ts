import { describe, expect, it } from "vitest";
import { PLANTED_BUGS } from "#simulation/planted/bugs.ts";
import { searchPlanted } from "#simulation/planted/search.ts";

/** A bug that takes longer to be found says that the scenarios have become too tame. */
const MOST_SEEDS = 2_000;

describe("a planted protocol bug is found", () => {
	it("one for each of ten rules at least", () => {
		expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(10);
	});

	it.each(PLANTED_BUGS)("$name", { timeout: 120_000 }, async (bug) => {
		const found = await searchPlanted(bug, MOST_SEEDS);
		expect(found, "nothing was noticed").toBeDefined();
		process.stdout.write(`${bug.name}: seed ${found?.seed}, ${found?.invariant}\n`);
	});
});
