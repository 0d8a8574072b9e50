import type { FeedEntry, FeedPage, MetadataChanges } from "#domain/ports/metadata-changes.ts";

/** The change feed in memory. */
export class MemoryMetadataChanges implements MetadataChanges {
	readonly entries: FeedEntry[] = [];
	#head = 0;

	async append(changes: readonly Omit<FeedEntry, "position">[]): Promise<void> {
		for (const change of changes) this.entries.push({ ...change, position: ++this.#head });
	}

	async read({ after, limit }: { readonly after: number; readonly limit: number }): Promise<FeedPage> {
		const entries = this.entries.filter(({ position }) => position > after).slice(0, limit);
		const isNext = entries[0] === undefined ? after === this.#head : entries[0].position === after + 1;
		return isNext ? { kind: "page", entries } : { kind: "gone" };
	}

	async head(): Promise<number> {
		return this.#head;
	}

	/** As expiry would: entries up to the position are not kept any more. */
	forget(position: number): void {
		this.entries.splice(0, this.entries.findIndex((entry) => entry.position > position) >>> 0);
	}
}
