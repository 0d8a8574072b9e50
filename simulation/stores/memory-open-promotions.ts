import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { OpenPromotion, OpenPromotions } from "#domain/ports/open-promotions.ts";

/** Open promotions in memory. */
export class MemoryOpenPromotions implements OpenPromotions {
	readonly rows = new Map<PartitionId, OpenPromotion>();

	async note(partition: PartitionId, nowMs: number): Promise<void> {
		this.rows.set(partition, { partition, notedAtMs: nowMs, rejoin: this.rows.get(partition)?.rejoin ?? [] });
	}

	async noteRejoin(partition: PartitionId, region: RegionId, nowMs: number): Promise<void> {
		const rejoin = [...new Set([...(this.rows.get(partition)?.rejoin ?? []), region])].sort();
		this.rows.set(partition, { partition, notedAtMs: nowMs, rejoin });
	}

	async dropRejoin(partition: PartitionId, region: RegionId): Promise<void> {
		const row = this.rows.get(partition);
		if (row !== undefined) this.rows.set(partition, { ...row, rejoin: row.rejoin.filter((one) => one !== region) });
	}

	async close({ partition, notedAtMs }: Pick<OpenPromotion, "partition" | "notedAtMs">): Promise<void> {
		const row = this.rows.get(partition);
		if (row?.notedAtMs === notedAtMs && row.rejoin.length === 0) this.rows.delete(partition);
	}

	async list({ after, limit }: { readonly after?: string; readonly limit: number }): ReturnType<OpenPromotions["list"]> {
		const all = [...this.rows.values()].sort((a, b) => (a.partition < b.partition ? -1 : 1));
		const rest = all.filter(({ partition }) => after === undefined || partition > after);
		const entries = rest.slice(0, limit);
		const last = entries.at(-1);
		return rest.length > limit && last !== undefined ? { entries, next: last.partition } : { entries };
	}
}
