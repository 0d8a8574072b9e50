import type { DecayedCounts } from "#domain/prediction/feature-state.ts";

/** Counts below this are forgotten: they change no probability and would be carried along for ever. */
const NEGLIGIBLE = 1e-9;
/** Digits kept in stored numbers: far below what a forecast can tell apart, and half the size. */
const STORED_DIGITS = 10;

/** What is left after `elapsedHours` of a count that halves every `halfLifeHours`. */
export const decayFactor = (elapsedHours: number, halfLifeHours: number): number => 2 ** (-elapsedHours / halfLifeHours);

/** Every count decayed by `elapsedHours`, each with its half-life. */
export function decayCounts(counts: DecayedCounts, elapsedHours: number, halfLivesHours: readonly number[]): Record<string, number[]> {
	const factors = halfLivesHours.map((halfLife) => decayFactor(elapsedHours, halfLife));
	const decayed: Record<string, number[]> = {};
	for (const [region, values] of Object.entries(counts)) {
		const next = factors.map((factor, index) => round((values[index] ?? 0) * factor));
		if (next.some((value) => value > 0)) decayed[region] = next;
	}
	return decayed;
}

/** Adds `count` accesses that are `ageHours` old to a region's counts, in place. */
export function addDecayed(
	counts: Record<string, number[]>,
	region: string,
	count: number,
	ageHours: number,
	halfLivesHours: readonly number[],
): void {
	counts[region] ??= halfLivesHours.map(() => 0);
	const values = counts[region];
	halfLivesHours.forEach((halfLife, index) => {
		values[index] = round((values[index] ?? 0) + count * decayFactor(ageHours, halfLife));
	});
}

/** Rounds to what is stored; negligible values become zero. */
export const round = (value: number): number => (value < NEGLIGIBLE ? 0 : Number(value.toPrecision(STORED_DIGITS)));

/** One number a region for the half-life at `index`, in the order of `regions`. */
export const countsOf = (counts: DecayedCounts, regions: readonly string[], index: number): number[] =>
	regions.map((region) => counts[region]?.[index] ?? 0);
