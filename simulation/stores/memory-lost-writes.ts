import type { BucketRef } from "#domain/partition/partition-id.ts";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { compareVersions } from "#domain/partition/version.ts";
import type { LostWrite, LostWrites } from "#domain/ports/lost-writes.ts";
import type { Page } from "#domain/ports/regional-store.ts";

/** One region's lost writes in memory. */
export class MemoryLostWrites implements LostWrites {
	readonly #buckets = new Map<string, Map<string, LostWrite>>();

	async keep({ partition, bucket }: BucketRef, write: LostWrite): Promise<void> {
		const id = `${partition}#${bucket}`;
		const kept = this.#buckets.get(id) ?? new Map<string, LostWrite>();
		this.#buckets.set(id, kept.set(write.key, { ...write, body: write.body.slice() }));
	}

	async read({ partition, bucket }: BucketRef, key: string): Promise<LostWrite | undefined> {
		return this.#buckets.get(`${partition}#${bucket}`)?.get(key);
	}

	async forget({ partition, bucket }: BucketRef, { key, version }: Pick<LostWrite, "key" | "version">): Promise<void> {
		const kept = this.#buckets.get(`${partition}#${bucket}`);
		const found = kept?.get(key);
		if (found !== undefined && compareVersions(found.version, version) === 0) kept?.delete(key);
	}

	async list({ partition, bucket }: BucketRef, { after, limit }: { after?: string; limit: number }): Promise<Page<LostWrite>> {
		const all = [...(this.#buckets.get(`${partition}#${bucket}`)?.values() ?? [])].sort((a, b) => compareUtf8(a.key, b.key));
		const rest = all.filter(({ key }) => after === undefined || compareUtf8(key, after) > 0);
		const entries = rest.slice(0, limit);
		const last = entries.at(-1);
		return rest.length > limit && last !== undefined ? { entries, next: last.key } : { entries };
	}
}
