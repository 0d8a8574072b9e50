import { RECENT_HALF_LIFE_ACCESSES } from "#domain/prediction/settings.ts";
import { round } from "#predictor/features/decayed-counts.ts";

/** What one access leaves of the counts before it. */
export const RECENT_DECAY = 2 ** (-1 / RECENT_HALF_LIFE_ACCESSES);

/**
 * Counts that halve with every few accesses, after one hour's accesses. The order inside an hour is not known, so each region
 * gets its share of the hour's total weight: the mean over all orders.
 */
export function addRecent(
	recent: Readonly<Record<string, number>>,
	hourly: readonly { readonly region: string; readonly count: number }[],
): Record<string, number> {
	const total = hourly.reduce((sum, { count }) => sum + count, 0);
	if (total === 0) return { ...recent };
	const kept = RECENT_DECAY ** total;
	const weightEach = (1 - kept) / (1 - RECENT_DECAY) / total;
	const next: Record<string, number> = {};
	for (const [region, value] of Object.entries(recent)) {
		const left = round(value * kept);
		if (left > 0) next[region] = left;
	}
	for (const { region, count } of hourly) next[region] = round((next[region] ?? 0) + count * weightEach);
	return next;
}
