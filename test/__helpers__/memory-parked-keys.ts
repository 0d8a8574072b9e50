import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { ParkedBucket, ParkedKey, ParkedKeys } from "#domain/ports/parked-keys.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";

/** Called before every operation, which is itself atomic. May delay or throw. */
export type BeforeParking = (operation: keyof ParkedKeys) => Promise<void> | void;

/** One region's parked keys in memory, beside its store. */
export class MemoryParkedKeys implements ParkedKeys {
	/** By `<partition>#<bucket>`: keys and their marks. */
	readonly buckets = new Map<string, Map<string, string>>();
	readonly listed = new Map<string, ParkedBucket>();
	before: BeforeParking | undefined;
	readonly #store: Pick<RegionalStore, "readFence">;
	#marks = 0;

	constructor(store: Pick<RegionalStore, "readFence">) {
		this.#store = store;
	}

	async readFence(ref: BucketRef) {
		await this.before?.("readFence");
		// in this order: what is parked between the two reads is not missed by a query that reads them at once either
		const fence = await this.#store.readFence(ref);
		return { fence, parked: this.#keys(ref).size > 0 };
	}

	async park(ref: BucketRef, keys: readonly string[]): Promise<void> {
		await this.before?.("park");
		const mark = String(++this.#marks);
		for (const key of keys) this.#keys(ref).set(key, mark);
		this.listed.set(idOf(ref), { ref, mark });
	}

	async listBuckets({ after, limit }: { after?: string; limit: number }) {
		await this.before?.("listBuckets");
		const ids = [...this.listed.keys()].toSorted().filter((id) => after === undefined || id > after);
		const entries = ids.slice(0, limit).flatMap((id) => this.listed.get(id) ?? []);
		const next = ids.length > limit ? ids[limit - 1] : undefined;
		return next === undefined ? { entries } : { entries, next };
	}

	async listKeys(ref: BucketRef, { after, limit }: { after?: string; limit: number }) {
		await this.before?.("listKeys");
		const all = [...this.#keys(ref)].map(([key, mark]): ParkedKey => ({ key, mark })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
		const behind = all.filter(({ key }) => after === undefined || key > after);
		const entries = behind.slice(0, limit);
		const next = behind.length > limit ? entries.at(-1)?.key : undefined;
		return next === undefined ? { entries } : { entries, next };
	}

	async release(ref: BucketRef, { key, mark }: ParkedKey): Promise<"released" | "newer"> {
		await this.before?.("release");
		const present = this.#keys(ref).get(key);
		if (present !== undefined && present !== mark) return "newer";
		this.#keys(ref).delete(key);
		return "released";
	}

	async releaseBucket({ ref, mark }: ParkedBucket): Promise<"released" | "newer"> {
		await this.before?.("releaseBucket");
		const present = this.listed.get(idOf(ref));
		if (present !== undefined && present.mark !== mark) return "newer";
		this.listed.delete(idOf(ref));
		return "released";
	}

	#keys(ref: BucketRef): Map<string, string> {
		const keys = this.buckets.get(idOf(ref)) ?? new Map<string, string>();
		this.buckets.set(idOf(ref), keys);
		return keys;
	}
}

const idOf = ({ partition, bucket }: BucketRef): string => `${partition}#${bucket}`;
