import type { RegionId } from "#domain/geography/region-id.ts";
import { ITEM_OVERHEAD_BYTES } from "#domain/migration/plan-cost.ts";
import type { PartitionSize } from "#domain/partition-state/state.ts";
import { movePrice } from "#domain/pricing/move-price.ts";
import { type PriceTable, transferUsd } from "#domain/pricing/price-table.ts";

export interface OwnMove {
	readonly size: Pick<PartitionSize, "items" | "bytes">;
	/** Where the stages run. */
	readonly controlRegion: RegionId;
	readonly source: RegionId;
	readonly target: RegionId;
	/** What a million ms of round-trip time saved are worth, US dollars. */
	readonly usdPerMillionMs: number;
	readonly prices: PriceTable;
}

const MILLION = 1_000_000;

/**
 * What a full move of this partition costs in requests and transfer, in ms x accesses: its price at what a ms is worth. Bytes are priced by
 * the dearer way between the two regions.
 */
export function ownMoveCostMs({ size, controlRegion, source, target, usdPerMillionMs, prices }: OwnMove): number {
	const items = Math.max(1, size.items);
	const partitionBytes = size.bytes + items * ITEM_OVERHEAD_BYTES;
	const { bytes, requestUsd } = movePrice({ controlRegion, itemBytes: partitionBytes / items, partitionBytes }, prices);
	const sentUsd = Math.max(transferUsd(prices, source, target, bytes), transferUsd(prices, target, source, bytes));
	return ((requestUsd + sentUsd) / usdPerMillionMs) * MILLION;
}
