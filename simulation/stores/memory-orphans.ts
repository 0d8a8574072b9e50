import type { RegionId } from "#domain/geography/region-id.ts";
import type { Orphan, Walks } from "#domain/orphans/orphan.ts";
import { orphanSchema, walksSchema } from "#domain/orphans/orphan.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { BucketScanner } from "#domain/ports/bucket-scanner.ts";
import type { OrphanStore } from "#domain/ports/orphan-store.ts";
import type { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";

/** Reports of orphans in memory, each checked against the schema that the real store writes by. */
export class MemoryOrphans implements OrphanStore {
	readonly reports = new Map<string, Orphan>();
	walks: Walks = {};

	async readWalks(): Promise<Walks> {
		return this.walks;
	}
	async writeWalks(walks: Walks): Promise<void> {
		this.walks = walksSchema.parse(JSON.parse(JSON.stringify(walks)));
	}
	async find(region: RegionId, partition: string): Promise<Orphan | undefined> {
		return this.reports.get(`${region}#${partition}`);
	}
	async put(orphan: Orphan): Promise<void> {
		this.reports.set(`${orphan.region}#${orphan.partition}`, orphanSchema.parse(JSON.parse(JSON.stringify(orphan))));
	}
	async list(): Promise<{ readonly orphans: readonly Orphan[] }> {
		return { orphans: [...this.reports.values()] };
	}
}

/** Walks the buckets of regions in memory, `perPage` a page however many are asked for. */
export const memoryScanner =
	(storeOf: (region: RegionId) => MemoryRegionalStore, perPage: number): BucketScanner =>
	async (region, { after }) => {
		const used = [...storeOf(region).buckets].filter(
			([, { fence, items, journal }]) => fence !== undefined || items.size + journal.size > 0,
		);
		const keys = used.map(([key]) => key).sort();
		const from = after === undefined ? 0 : keys.findIndex((key) => key > after);
		const page = from < 0 ? [] : keys.slice(from, from + perPage);
		const last = page.at(-1);
		const buckets = page.map((key) => ({
			partition: partitionId(key.slice(0, key.lastIndexOf("#"))),
			bucket: Number(key.split("#").at(-1)),
		}));
		return last === undefined || last === keys.at(-1) ? { buckets } : { buckets, next: last };
	};
