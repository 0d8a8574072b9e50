import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import type { Page } from "#domain/ports/regional-store.ts";

/** What a list needs of a row. */
interface Listable {
	readonly key: string;
	readonly deleted: boolean;
}

/**
 * One page of live items over one page a bucket, in byte order. A bucket that goes on (`next`) is known up to there only, so nothing
 * beyond the least `next` may be shown yet. `next` of the result is the last key that is settled; absent at the end.
 */
export function mergePages<T extends Listable>(pages: readonly Page<T>[], limit: number): Page<T> {
	const horizon = pages.flatMap(({ next }) => next ?? []).toSorted(compareUtf8)[0];
	const live = pages
		.flatMap(({ entries }) => entries)
		.filter((item) => !item.deleted && (horizon === undefined || compareUtf8(item.key, horizon) <= 0))
		.toSorted((a, b) => compareUtf8(a.key, b.key));
	const entries = live.slice(0, limit);
	const last = entries.at(-1);
	const next = live.length > limit && last !== undefined ? last.key : horizon;
	return next === undefined ? { entries } : { entries, next };
}
