import { PAGE_SIZE } from "#domain/migration/settings.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { compareVersions } from "#domain/partition/version.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";

/** A key on which two copies of a bucket do not agree; undefined where a copy does not have it. */
export interface Difference {
	readonly key: string;
	readonly leader: StoredItem | undefined;
	readonly copy: StoredItem | undefined;
}

type Listed = Pick<RegionalStore, "listItems">;

/** Where a walk begins, when it has to stop, and how far it has come. */
export interface Walk {
	/** Keys up to this one have been compared; true at the end of the bucket. */
	position: string | true | undefined;
	/** Asked before each key. */
	readonly isOver: () => boolean;
}

/**
 * Walks one bucket in two regions side by side, in key order, with one page of each in memory, and yields every key whose version
 * or content differs. Expired tombstones are no content: each region forgets them when it likes.
 */
export async function* compareBucket(
	leader: Listed,
	copy: Listed,
	ref: BucketRef,
	nowMs: number,
	walk: Walk = { position: undefined, isOver: () => false },
): AsyncGenerator<Difference> {
	if (walk.position === true) return;
	const left = items(leader, ref, nowMs, walk.position);
	const right = items(copy, ref, nowMs, walk.position);
	let [a, b] = await Promise.all([take(left), take(right)]);
	while (a !== undefined || b !== undefined) {
		if (walk.isOver()) return;
		const key: string | undefined = least(a, b);
		const order = a === undefined ? 1 : b === undefined ? -1 : compareUtf8(a.key, b.key);
		if (order < 0 && a !== undefined) {
			yield { key: a.key, leader: a, copy: undefined };
			a = await take(left);
		} else if (order > 0 && b !== undefined) {
			yield { key: b.key, leader: undefined, copy: b };
			b = await take(right);
		} else if (a !== undefined && b !== undefined) {
			if (!sameItem(a, b)) yield { key: a.key, leader: a, copy: b };
			[a, b] = await Promise.all([take(left), take(right)]);
		}
		// once whoever looks at a difference has come back: until then it does not count as done
		walk.position = key;
	}
	walk.position = true;
}

const least = (a: StoredItem | undefined, b: StoredItem | undefined): string | undefined =>
	a === undefined ? b?.key : b === undefined || compareUtf8(a.key, b.key) <= 0 ? a.key : b.key;

/** Same version, same content. */
export const sameItem = (a: StoredItem, b: StoredItem): boolean => compareVersions(a.version, b.version) === 0 && sameContent(a, b);

/** Content only: equal versions with different content are a defect. */
export const sameContent = (a: StoredItem, b: StoredItem): boolean =>
	a.deleted === b.deleted &&
	a.contentType === b.contentType &&
	a.body.length === b.body.length &&
	a.body.every((byte, i) => byte === b.body[i]);

/** Every item of a bucket in key order, from the one behind `start` on, without expired tombstones. */
export async function* items(store: Listed, ref: BucketRef, nowMs: number, start?: string): AsyncGenerator<StoredItem> {
	let after = start;
	do {
		const page = await store.listItems(ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
		yield* page.entries.filter((item) => item.expiresAt === undefined || item.expiresAt * 1000 > nowMs);
		after = page.next;
	} while (after !== undefined);
}

const take = async (walk: AsyncGenerator<StoredItem>): Promise<StoredItem | undefined> => {
	const { value, done } = await walk.next();
	return done === true ? undefined : value;
};
