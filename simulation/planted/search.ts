import type { PlantedBug } from "#simulation/planted/bugs.ts";
import { type FoundViolation, runSeed } from "#simulation/run-seeds.ts";

/** The first seed, from 1, at which a check notices the bug; undefined when none of so many does. */
export async function searchPlanted(bug: PlantedBug, most: number): Promise<FoundViolation | undefined> {
	for (let seed = 1; seed <= most; seed++) {
		const [found] = (await runSeed(seed, bug.weaken)).violations;
		if (found !== undefined) return found;
	}
	return undefined;
}
