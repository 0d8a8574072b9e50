import type { GlobalState, HourCount, ParentState } from "#domain/prediction/feature-state.ts";
import { GLOBAL_HALF_LIVES_HOURS, PARENT_HALF_LIVES_HOURS, WEEK_PROFILE_HALF_LIFE_HOURS } from "#domain/prediction/settings.ts";
import { addDecayed, decayCounts, decayFactor, round } from "#predictor/features/decayed-counts.ts";
import { freshCounts } from "#predictor/features/partition-state.ts";

export const HOURS_PER_WEEK = 168;

/** A parent's state once all counts reported through `throughHour` are in; counts already applied are left out. */
export function applyToParent(state: ParentState | undefined, counts: readonly HourCount[], throughHour: number): ParentState | undefined {
	const fresh = freshCounts(counts, state?.appliedThroughHour, throughHour);
	if (fresh.length === 0) return state;
	return {
		asOfHour: throughHour,
		appliedThroughHour: throughHour,
		counts: applyCounts(state, fresh, throughHour, PARENT_HALF_LIVES_HOURS),
	};
}

/** The state of everybody once all counts reported through `throughHour` are in; counts already applied are left out. */
export function applyToGlobal(state: GlobalState | undefined, counts: readonly HourCount[], throughHour: number): GlobalState | undefined {
	const fresh = freshCounts(counts, state?.appliedThroughHour, throughHour);
	if (fresh.length === 0) return state;
	const hourOfWeek = decayWeek(state, throughHour);
	for (const { region, count, hour } of fresh) {
		hourOfWeek[region] ??= Array<number>(HOURS_PER_WEEK).fill(0);
		const bins = hourOfWeek[region];
		const bin = hour % HOURS_PER_WEEK;
		bins[bin] = round((bins[bin] ?? 0) + count * decayFactor(throughHour - hour, WEEK_PROFILE_HALF_LIFE_HOURS));
	}
	return {
		asOfHour: throughHour,
		appliedThroughHour: throughHour,
		counts: applyCounts(state, fresh, throughHour, GLOBAL_HALF_LIVES_HOURS),
		hourOfWeek,
	};
}

function applyCounts(
	state: ParentState | undefined,
	fresh: readonly HourCount[],
	throughHour: number,
	halfLives: readonly number[],
): Record<string, number[]> {
	const counts = state === undefined ? {} : decayCounts(state.counts, throughHour - state.asOfHour, halfLives);
	for (const { region, count, hour } of fresh) addDecayed(counts, region, count, throughHour - hour, halfLives);
	return counts;
}

function decayWeek(state: GlobalState | undefined, throughHour: number): Record<string, number[]> {
	if (state === undefined) return {};
	const factor = decayFactor(throughHour - state.asOfHour, WEEK_PROFILE_HALF_LIFE_HOURS);
	return Object.fromEntries(Object.entries(state.hourOfWeek).map(([region, bins]) => [region, bins.map((value) => round(value * factor))]));
}
