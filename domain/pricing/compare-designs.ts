import type { RegionId } from "#domain/geography/region-id.ts";
import { type MonthlyCost, type MonthlyLoad, monthlyCostUsd, Replication } from "#domain/pricing/monthly-cost.ts";
import { movePrice } from "#domain/pricing/move-price.ts";
import { findPrice, Priced, type PriceTable, usdFor } from "#domain/pricing/price-table.ts";

/** An application's month. */
export interface Workload {
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly partitions: number;
	/** All partitions together. */
	readonly requestsPerMonth: number;
	/** Share of the requests that read, 0..1. */
	readonly readShare: number;
	readonly itemBytes: number;
	readonly partitionBytes: number;
	/** Copies of a partition, the leader's included; at most one a region. */
	readonly copies: number;
	/** Full moves of a partition in a month: a copy made, verified and removed elsewhere. */
	readonly movesPerPartition: number;
}

/** What a design costs a month in US dollars. */
export interface DesignCost extends MonthlyCost {
	readonly design: Design;
	/** Copying, verifying and removing, beside the bytes that are part of `transferUsd`. */
	readonly moveUsd: number;
	/** Distribution, edge functions, data plane and carrier: what requests run through. */
	readonly pathUsd: number;
	readonly totalUsd: number;
}

export const Design = {
	Heliotrope: "heliotrope",
	FullReplication: "full-replication",
	Static: "static",
	GlobalTables: "global-tables",
} as const;
export type Design = (typeof Design)[keyof typeof Design];

/** How long functions run, in seconds, and their memory in GB. Assumed, on the long side; a deployment's own metrics say better. */
export const RUN_TIMES = {
	edge: { seconds: 0.01, gb: 0.5, invocations: 2 },
	serve: { seconds: 0.03, gb: 1 },
	/** For one carried write; a batch shares an invocation. */
	carry: { seconds: 0.05, gb: 0.5 },
} as const;

/** What the workload costs in each design. Leadership and requests are spread evenly over the regions: who knows better gives shares to `monthlyCostUsd`. */
export function compareDesigns(load: Workload, prices: PriceTable): readonly DesignCost[] {
	return [
		designCost(Design.Heliotrope, load, prices),
		designCost(Design.FullReplication, { ...load, copies: load.regions.length, movesPerPartition: 0 }, prices),
		designCost(Design.Static, { ...load, copies: 1, movesPerPartition: 0 }, prices),
		designCost(Design.GlobalTables, { ...load, copies: load.regions.length, movesPerPartition: 0 }, prices),
	];
}

function designCost(design: Design, load: Workload, prices: PriceTable): DesignCost {
	const cost = monthlyCostUsd(monthlyLoad(design, load), prices);
	const moved = moves(design, load);
	const moveUsd = moved === 0 ? 0 : moved * movePrice(load, prices).requestUsd;
	const pathUsd = pathCost(design, load, prices);
	const assumed = [...new Set([...cost.assumed, ...assumedBeside(design, load, prices)])].toSorted();
	return { ...cost, design, moveUsd, pathUsd, totalUsd: cost.usd + moveUsd + pathUsd, assumed };
}

/** What of the path and of moves is priced by an assumption, as `<priced> <region>`. */
function assumedBeside(design: Design, load: Workload, prices: PriceTable): readonly string[] {
	const { regions, controlRegion, requestsPerMonth } = load;
	const edged = requestsPerMonth > 0 && (design === Design.Heliotrope || design === Design.FullReplication);
	const paid: readonly (readonly [priced: readonly Priced[], at: readonly RegionId[]])[] = [
		[requestsPerMonth > 0 ? PATH : [], regions],
		[edged ? EDGE : [], [controlRegion]],
		[moves(design, load) > 0 ? MOVE : [], [controlRegion]],
	];
	return paid.flatMap(([names, at]) =>
		names.flatMap((priced) =>
			at.filter((region) => findPrice(prices, priced, region).source === "assumed").map((region) => `${priced} ${region}`),
		),
	);
}

const PATH = [Priced.CloudFrontRequest, Priced.CloudFrontGb, Priced.LambdaRequest, Priced.LambdaGbSecond];
const EDGE = [Priced.EdgeRequest, Priced.EdgeGbSecond, Priced.RealTimeLogLine];
const MOVE = [Priced.WriteUnit, Priced.ReadUnit, Priced.StateTransition];

const moves = (design: Design, { partitions, movesPerPartition }: Workload): number =>
	design === Design.Heliotrope ? partitions * movesPerPartition : 0;

function monthlyLoad(design: Design, load: Workload): MonthlyLoad {
	const { regions, controlRegion, partitions, requestsPerMonth, readShare, itemBytes, partitionBytes, copies } = load;
	const shares = (value: number): Record<string, number> => Object.fromEntries(regions.map((region) => [region, value]));
	const alone = { [controlRegion]: 1 };
	const perRegion = movedBytes(design, load) / regions.length;
	return {
		copies: design === Design.Static ? alone : shares(copies / regions.length),
		leads: design === Design.Static ? alone : shares(1 / regions.length),
		storedBytes: partitions * partitionBytes,
		itemBytes,
		writesPerMonth: requestsPerMonth * (1 - readShare),
		readsPerMonth: requestsPerMonth * readShare,
		movedBytes: perRegion === 0 ? {} : shares(perRegion),
		replication: design === Design.GlobalTables ? Replication.GlobalTable : Replication.Carried,
	};
}

const movedBytes = (design: Design, load: Workload): number => moves(design, load) * movePrice(load).bytes;

/** The same viewers, so the same distribution and functions; the edge functions and the carrier are Heliotrope's own. */
function pathCost(
	design: Design,
	{ regions, controlRegion, requestsPerMonth, readShare, itemBytes, copies }: Workload,
	prices: PriceTable,
): number {
	const atEach = (priced: Priced, quantity: number): number =>
		regions.reduce((sum, region) => sum + usdFor(prices, priced, region, quantity / regions.length), 0);
	const run = ({ seconds, gb }: { seconds: number; gb: number }, invocations: number): number =>
		atEach(Priced.LambdaRequest, invocations) + atEach(Priced.LambdaGbSecond, invocations * seconds * gb);
	const common =
		atEach(Priced.CloudFrontRequest, requestsPerMonth) +
		atEach(Priced.CloudFrontGb, (requestsPerMonth * readShare * itemBytes) / 1e9) +
		run(RUN_TIMES.serve, requestsPerMonth);
	if (design === Design.Static || design === Design.GlobalTables) return common;
	const edged = requestsPerMonth * RUN_TIMES.edge.invocations;
	const edge =
		usdFor(prices, Priced.EdgeRequest, controlRegion, edged) +
		usdFor(prices, Priced.EdgeGbSecond, controlRegion, edged * RUN_TIMES.edge.seconds * RUN_TIMES.edge.gb) +
		usdFor(prices, Priced.RealTimeLogLine, controlRegion, requestsPerMonth);
	const carried = copies > 1 ? requestsPerMonth * (1 - readShare) : 0;
	return common + edge + run(RUN_TIMES.carry, carried);
}
