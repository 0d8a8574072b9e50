import type { RegionId } from "#domain/geography/region-id.ts";
import { Priced, type PriceTable, usdFor } from "#domain/pricing/price-table.ts";
import { bulkWriteUnits, pagedReadUnits, TRANSACTION } from "#domain/pricing/request-units.ts";

/** State transitions of a full move without waits that repeat: stages, choices and waits of state-machines/migrate.asl.json. */
const TRANSITIONS = 45;
/** Passes over the bytes of a move that cross regions, and reads of them: copy, verification of both, proof of both, deletion. */
const SENT_PASSES = 7;
const READ_PASSES = 6;
/** Reads of the bytes where leadership goes to a copy that stands: the digest of both. */
const DIGEST_PASSES = 2;

export interface MovedPartition {
	readonly controlRegion: RegionId;
	readonly itemBytes: number;
	readonly partitionBytes: number;
}

/**
 * What a full move of one partition asks for, as `estimatePlanCost` counts it: bytes over all senders, and requests at the control
 * region's prices. @param prices @default requests are not priced
 */
export function movePrice(
	{ controlRegion, itemBytes, partitionBytes }: MovedPartition,
	prices?: PriceTable,
): { bytes: number; requestUsd: number } {
	const items = partitionBytes / itemBytes;
	const bytes = SENT_PASSES * partitionBytes;
	if (prices === undefined) return { bytes, requestUsd: 0 };
	const writes = 2 * TRANSACTION * bulkWriteUnits(items, partitionBytes);
	const requestUsd =
		usdFor(prices, Priced.WriteUnit, controlRegion, writes) +
		usdFor(prices, Priced.ReadUnit, controlRegion, READ_PASSES * pagedReadUnits(partitionBytes)) +
		usdFor(prices, Priced.StateTransition, controlRegion, TRANSITIONS);
	return { bytes, requestUsd };
}

/** What it asks for to give leadership to a copy that stands: digests of both, and no more transitions than a full move. */
export const leadershipUsd = ({ controlRegion, partitionBytes }: Omit<MovedPartition, "itemBytes">, prices: PriceTable): number =>
	usdFor(prices, Priced.ReadUnit, controlRegion, DIGEST_PASSES * pagedReadUnits(partitionBytes)) +
	usdFor(prices, Priced.StateTransition, controlRegion, TRANSITIONS);
