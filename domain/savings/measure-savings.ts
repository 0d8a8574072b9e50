import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { RoundTripTimeMs } from "#domain/placement/expected-cost.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { type Leadership, leaderAt } from "#domain/savings/leadership.ts";

/** Sums over accesses. */
export interface Savings {
	readonly accesses: number;
	/** Mean round-trip time to the leader of the hour, ms; 0 without accesses. */
	readonly meanRttMs: number;
	/** The same to the region where the partition was first touched: static placement. */
	readonly staticMeanRttMs: number;
	/** Over all accesses, ms; below 0 where placement has cost time. */
	readonly savedMs: number;
}

/** What is known of a partition's places. */
export interface Places {
	/** Where it was first touched. */
	readonly home: RegionId;
	readonly leadership: Leadership;
}

/** What placement saved one partition: every counted access goes to who led in the middle of its hour, and, for comparison, to the home. */
export function measureSavings(counts: readonly HourCount[], { home, leadership }: Places, rttMs: RoundTripTimeMs): Savings {
	let [accesses, served, fixed] = [0, 0, 0];
	for (const { region, hour, count } of counts) {
		const leader = leaderAt(leadership, (hour + 0.5) * HOUR_MS) ?? home;
		accesses += count;
		served += count * rttMs(regionId(region), leader);
		fixed += count * rttMs(regionId(region), home);
	}
	return savingsOf(accesses, served, fixed);
}

/** The sum of several; means are weighted by accesses. */
export function sumSavings(all: readonly Savings[]): Savings {
	const total = (of: (one: Savings) => number): number => all.reduce((sum, one) => sum + of(one), 0);
	return savingsOf(
		total(({ accesses }) => accesses),
		total((one) => one.accesses * one.meanRttMs),
		total((one) => one.accesses * one.staticMeanRttMs),
	);
}

const savingsOf = (accesses: number, servedMs: number, staticMs: number): Savings => ({
	accesses,
	meanRttMs: accesses === 0 ? 0 : servedMs / accesses,
	staticMeanRttMs: accesses === 0 ? 0 : staticMs / accesses,
	savedMs: staticMs - servedMs,
});

/** What an access saves in a group, and in the one that is never moved. */
export interface HoldoutComparison {
	readonly placed: Savings & { readonly partitions: number };
	readonly holdout: Savings & { readonly partitions: number };
	/** ms an access that placement saves beyond what the holdout group saved (nothing, unless a rule moved it); undefined where either group is empty. */
	readonly savedMsPerAccess?: number;
}

export function compareWithHoldout(partitions: readonly (Savings & { readonly holdout: boolean })[]): HoldoutComparison {
	const group = (holdout: boolean) => {
		const members = partitions.filter((one) => one.holdout === holdout);
		return { ...sumSavings(members), partitions: members.length };
	};
	const [placed, holdout] = [group(false), group(true)];
	if (placed.accesses === 0 || holdout.accesses === 0) return { placed, holdout };
	return { placed, holdout, savedMsPerAccess: placed.savedMs / placed.accesses - holdout.savedMs / holdout.accesses };
}
