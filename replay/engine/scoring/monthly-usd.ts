import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { monthlyCostUsd } from "#domain/pricing/monthly-cost.ts";
import { leadershipUsd, movePrice } from "#domain/pricing/move-price.ts";
import { pricesOf } from "#domain/pricing/overrides.ts";
import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { sum } from "#replay/engine/scoring/served.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { PolicyResult } from "#replay/result/replay-result.ts";

const HOURS_PER_MONTH = 730;

type Money = Pick<PolicyResult, "usdPerMonth" | "assumedPrices">;

/**
 * What the scored part would have cost a month, at list prices or those of the settings: requests, replication, storage, moves and transfers of leadership. Null where neither the log tells
 * the size of accesses nor the settings assume one: then nothing is known of what is stored or sent.
 */
export function monthlyMoney(world: ReplayWorld, account: FullAccount): Money {
	const { trace, settings } = world;
	const itemBytes = trace.bytes.accesses > 0 ? trace.bytes.sum / trace.bytes.accesses : settings.objectBytes;
	if (itemBytes === undefined) return { usdPerMonth: null };
	const perMonth = monthsScored(world);
	const volume = sum(account.accesses);
	const marked = trace.reads + trace.writes;
	const readShare = marked > 0 ? trace.reads / marked : settings.readShare;
	const copies = byRegion(world, account.heldIn, volume);
	const leads = byRegion(world, ledTotals(world, account), volume);
	// a partition is taken to hold what was ever written to it, each write an item, and one item where nothing was
	const storedBytes = itemBytes * Math.max(trace.partitions.length, sum(trace.cells.count) * (1 - readShare));
	const prices = pricesOf(settings.prices);
	const moved = { controlRegion: mostLeading(leads), itemBytes, partitionBytes: storedBytes / trace.partitions.length };
	const move = movePrice(moved, prices);
	const movedBytes = Object.fromEntries(
		Object.entries(leads).map(([region, share]) => [region, (share * account.moves * move.bytes) / perMonth]),
	);
	const changesUsd = (account.moves * move.requestUsd + account.transfers * leadershipUsd(moved, prices)) / perMonth;
	const load = {
		copies,
		leads,
		storedBytes,
		itemBytes,
		writesPerMonth: (volume * (1 - readShare)) / perMonth,
		readsPerMonth: (volume * readShare) / perMonth,
		movedBytes,
	};
	const { usd, assumed } = monthlyCostUsd(load, prices);
	return { usdPerMonth: usd + changesUsd, ...(assumed.length === 0 ? {} : { assumedPrices: assumed }) };
}

/** Where the stages of moves are taken to run: the region that leads most. */
const mostLeading = (leads: Readonly<Record<string, number>>): RegionId =>
	regionId(Object.entries(leads).reduce((most, lead) => (lead[1] > most[1] ? lead : most))[0]);

function monthsScored({ trace, scoredFromHour }: ReplayWorld): number {
	const hours = (trace.cells.hour.at(-1) ?? scoredFromHour) + 1 - scoredFromHour;
	return Math.max(1, hours) / HOURS_PER_MONTH;
}

const byRegion = ({ trace }: ReplayWorld, values: Float64Array, volume: number): Record<string, number> =>
	Object.fromEntries(trace.regions.flatMap((region, index) => ((values[index] ?? 0) > 0 ? [[region, (values[index] ?? 0) / volume]] : [])));

function ledTotals({ trace }: ReplayWorld, { ledBy }: FullAccount): Float64Array {
	const hours = ledBy.length / trace.regions.length;
	return Float64Array.from(trace.regions, (_, region) => sum(ledBy.subarray(region * hours, (region + 1) * hours)));
}

/** Where the sizes come from that `usdPerMonth` counts with. */
export function sizesOf({ trace, settings }: ReplayWorld): "logged" | "assumed" | "unknown" {
	if (trace.bytes.accesses > 0) return "logged";
	return settings.objectBytes === undefined ? "unknown" : "assumed";
}
