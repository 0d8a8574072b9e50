import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationPlan, PlanCost } from "#domain/migration/plan-schema.ts";
import { PAGE_SIZE, PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import { Priced, type PriceTable, transferUsd, usdFor } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import { bulkWriteUnits, pagedReadUnits, TRANSACTION } from "#domain/pricing/request-units.ts";

export interface PlanCostInput {
	readonly plan: Omit<MigrationPlan, "cost">;
	/** Of the partition before the migration; 0 where nothing is known. */
	readonly writesPerSecond: number;
	/** Where the stages run: what is copied goes through there. */
	readonly controlRegion: RegionId;
	readonly rttMs: (from: RegionId, to: RegionId) => number;
	/** @default the published ones */
	readonly prices?: PriceTable;
}

/** Attributes beside an item's body, and the key. */
export const ITEM_OVERHEAD_BYTES = 200;
/** A guarded write is a transaction of fence, item and journal entry where a steady one is one write; the entry is removed later. */
const GUARDED_EXTRA_UNITS = 3 * TRANSACTION - 1 + 1;
/** What the engine itself takes for a call, in ms, beside the way there. */
const CALL_MS = 10;

/** What one region is asked for. */
interface Work {
	readonly region: RegionId;
	readonly writeUnits: number;
	readonly readUnits: number;
	/** Bytes read out of the region, and sent into it. */
	readonly bytesOut: number;
	readonly bytesIn: number;
}

/**
 * What carrying a plan out is expected to cost. Copying reads the leader once and writes every new copy; verifying reads leader and
 * copies; removing reads both for the proof and deletes. All of it passes through the control region, so that bytes between the leader
 * and a copy may be paid for twice. Grows with the size, never shrinks.
 */
export function estimatePlanCost(input: PlanCostInput): PlanCost {
	const { plan, controlRegion, prices = PUBLISHED_PRICES } = input;
	const times = timesOf(input);
	const work = [...copyWork(plan), guardedWork(input, times.guardedSeconds)];
	const requests = work.reduce((sum, one) => sum + requestUsd(prices, one), 0);
	const abroad = work.filter(({ region }) => region !== controlRegion);
	const transfer = abroad.reduce(
		(sum, { region, bytesOut, bytesIn }) =>
			sum + transferUsd(prices, region, controlRegion, bytesOut) + transferUsd(prices, controlRegion, region, bytesIn),
		0,
	);
	return {
		basis: plan.size === undefined ? "unknown-size" : "measured",
		writeUnits: sumOf(work, ({ writeUnits }) => writeUnits),
		readUnits: sumOf(work, ({ readUnits }) => readUnits),
		transferBytes: sumOf(abroad, ({ bytesOut, bytesIn }) => bytesOut + bytesIn),
		requestUsd: requests,
		transferUsd: transfer,
		usd: requests + transfer,
		pauseMs: times.pauseMs,
		durationSeconds: times.durationSeconds,
	};
}

const requestUsd = (prices: PriceTable, { region, writeUnits, readUnits }: Work): number =>
	usdFor(prices, Priced.WriteUnit, region, writeUnits) + usdFor(prices, Priced.ReadUnit, region, readUnits);

function copyWork(plan: PlanCostInput["plan"]): readonly Work[] {
	const { items, bytes } = plan.size ?? { items: 0, bytes: 0 };
	const { leaderBefore, leaderAfter } = plan.replicas;
	const stored = bytes + items * ITEM_OVERHEAD_BYTES;
	const reads = pagedReadUnits(stored);
	// Every write of copying and deleting is part of a transaction
	const writes = TRANSACTION * bulkWriteUnits(items, stored);
	const standing = plan.transfer !== undefined && !plan.joins.includes(plan.transfer) ? [plan.transfer] : [];
	const read = (region: RegionId): Work => ({ region, writeUnits: 0, readUnits: reads, bytesOut: stored, bytesIn: 0 });
	return [
		// Synchronize reads the leader once for all new copies, and both sides for a standing follower
		...(plan.joins.length > 0 ? [read(leaderBefore)] : []),
		...standing.flatMap((region) => [read(leaderBefore), read(region)]),
		...plan.joins.map((region): Work => ({ region, writeUnits: writes, readUnits: 0, bytesOut: 0, bytesIn: stored })),
		// Verify
		...[...plan.joins, ...standing].flatMap((region) => [read(leaderBefore), read(region)]),
		// RemoveSource: proof, then deletion of what it lists once more
		...plan.removals.flatMap((region) => [read(leaderAfter), read(region), { ...read(region), writeUnits: writes }]),
	];
}

/** What guarded writes cost beyond steady ones, from CreateReplica to Settle. */
const guardedWork = ({ plan, writesPerSecond }: PlanCostInput, guardedSeconds: number): Work => ({
	region: plan.replicas.leaderBefore,
	writeUnits: GUARDED_EXTRA_UNITS * writesPerSecond * guardedSeconds,
	readUnits: 0,
	bytesOut: 0,
	bytesIn: 0,
});

interface Times {
	readonly pauseMs: number;
	readonly guardedSeconds: number;
	readonly durationSeconds: number;
}

function timesOf({ plan, writesPerSecond, controlRegion, rttMs }: PlanCostInput): Times {
	const { leaderBefore, leaderAfter, buckets } = plan.replicas;
	const toSource = rttMs(controlRegion, leaderBefore) + CALL_MS;
	const target = plan.transfer ?? plan.joins[0] ?? leaderAfter;
	const toTarget = rttMs(controlRegion, target) + CALL_MS;
	const lanes = Math.min(buckets, PARALLEL_BUCKETS);
	const pages = Math.ceil((plan.size?.items ?? 0) / PAGE_SIZE / lanes);
	const copies = plan.joins.length + (plan.transfer === undefined || plan.joins.includes(plan.transfer) ? 0 : 1);
	const copySeconds = (copies * pages * (2 * toSource + 2 * toTarget)) / 1000;
	const canarySeconds = plan.traffic.steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
	const removeSeconds = (plan.removals.length * pages * 3 * (toSource + toTarget)) / 1000;
	const soakSeconds = plan.transfer === undefined ? 0 : plan.soakSeconds;
	const guardedSeconds =
		(plan.joins.length + (plan.transfer === undefined ? 0 : 1) === 0 ? 0 : plan.quiesceSeconds) + copySeconds + canarySeconds;
	const pauseMs = plan.transfer === undefined ? 0 : pauseOf(toSource, toTarget, writesPerSecond > 0);
	return {
		pauseMs,
		guardedSeconds: guardedSeconds + soakSeconds,
		durationSeconds: guardedSeconds + soakSeconds + removeSeconds + pauseMs / 1000,
	};
}

/**
 * Writes wait from the old leader's fence to its learning of the decision: half of each of these two exchanges, one in which the journals
 * are listed and what they hold is read, a put of that at the target where anybody writes, and the decision there. What the canary's
 * minutes left behind is carried before the fence, so neither size nor rate makes it longer.
 */
const pauseOf = (toSource: number, toTarget: number, isWritten: boolean): number =>
	toSource + toSource + (isWritten ? toTarget : 0) + toTarget;

const sumOf = (work: readonly Work[], measure: (one: Work) => number): number => work.reduce((sum, one) => sum + measure(one), 0);
