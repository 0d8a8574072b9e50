import assert from "node:assert/strict";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { ItemWrite, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { HeldVersion, Page } from "#domain/ports/regional-store.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import type { ItemOperation } from "#lambdas/serve-data/data-request.ts";
import { checkTime } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import type { Leadership } from "#lambdas/serve-data/lead.ts";
import type { ListRange } from "#lambdas/serve-data/list-range.ts";
import { mergePages } from "#lambdas/serve-data/merge-pages.ts";
import { fingerprintOf, type Idempotency } from "#lambdas/serve-data/once.ts";

/** What a region found: a live item or none, and the version that a session has seen by it, a tombstone's included. */
export interface Found {
	readonly item: StoredItem | undefined;
	readonly seen: readonly HeldVersion[];
}
export type LedWrite = Exclude<WriteOutcome, { kind: "fence-changed" }>;

/** A linearizable read of one key as leader; undefined when it does not count. */
export async function readAsLeader(deps: DataPlaneDeps, leadership: Leadership, key: string): Promise<Found | undefined> {
	if (!mayStart(deps, leadership)) return undefined;
	const item = await deps.store.readItem(onlyRef(leadership), key);
	return (await stillCounts(deps, leadership)) ? foundOf(item) : undefined;
}

/** A stored row as what was found. */
export const foundOf = (row: StoredItem | undefined): Found => ({
	item: row?.deleted === false ? row : undefined,
	seen: row === undefined ? [] : [heldVersion(row)],
});

const heldVersion = ({ key, version }: HeldVersion): HeldVersion => ({ key, version });

/** A write as leader, in the mode of the fence; undefined when the fence has changed. */
export async function writeAsLeader(
	deps: DataPlaneDeps,
	leadership: Leadership,
	operation: Exclude<ItemOperation, { kind: "get" }>,
	{ requestId, once }: { readonly requestId: string; readonly once?: Idempotency | undefined },
): Promise<LedWrite | undefined> {
	const { fence, validUntilMs } = leadership;
	const ref = onlyRef(leadership);
	const { notAfterMs } = deps;
	const write: ItemWrite = {
		...itemWrite(operation, requestId, deps.clock.nowMs()),
		...(once !== undefined && { once: { ...once, bucket: bucketOf(once.key, fence.buckets) } }),
		...(notAfterMs !== undefined && { notAfterMs }),
	};
	const outcome =
		fence.mode === WriteMode.Steady
			? await deps.store.writeSteady(ref, write, { epoch: fence.epoch, validUntilMs })
			: await deps.store.writeGuarded(ref, write, fence.epoch);
	return outcome.kind === "fence-changed" ? undefined : outcome;
}

/** Reads of a list that bring too few live items (tombstones, large bodies) go on this often before the page is handed out short. */
const MAX_LIST_ROUNDS = 8;

/** A row without its body, of which a list says the size only. */
export interface ListEntry extends HeldVersion {
	readonly deleted: boolean;
	readonly sizeBytes: number;
}

/** A page of live items, and every row that was read for it: what a list leaves out as deleted has been seen to be deleted. */
export interface Listed {
	readonly page: Page<ListEntry>;
	readonly seen: readonly HeldVersion[];
}

/** One page of live items over all buckets; undefined when it does not count. */
export async function listAsLeader(deps: DataPlaneDeps, leadership: Leadership, range: ListRange): Promise<Listed | undefined> {
	const listed = await listRows(deps, leadership.refs, range, () => mayStart(deps, leadership));
	return listed !== undefined && (await stillCounts(deps, leadership)) ? listed : undefined;
}

/** One page over the buckets of this region's copy, whatever its role is; undefined when `mayGoOn` says no before a read. */
export async function listRows(
	deps: DataPlaneDeps,
	refs: readonly BucketRef[],
	{ prefix, limit, after }: ListRange,
	mayGoOn: () => boolean,
): Promise<Listed | undefined> {
	const entries: ListEntry[] = [];
	const seen: HeldVersion[] = [];
	let position = after;
	for (let round = 0; round < MAX_LIST_ROUNDS; round++) {
		if (!mayGoOn()) return undefined;
		checkTime(deps);
		const range = { prefix, limit: limit - entries.length, ...(position !== undefined && { after: position }) };
		const pages = await Promise.all(refs.map((ref) => readEntries(deps, ref, range)));
		for (const page of pages) seen.push(...page.entries.map(heldVersion));
		const page = mergePages(pages, range.limit);
		entries.push(...page.entries);
		position = page.next;
		if (position === undefined || entries.length >= limit) break;
	}
	return { page: position === undefined ? { entries } : { entries, next: position }, seen };
}

/** A page of one bucket, its bodies let go of at once: a page of large items holds a megabyte of them. */
async function readEntries({ store }: DataPlaneDeps, ref: BucketRef, range: ListRange): Promise<Page<ListEntry>> {
	const { entries, ...rest } = await store.listItems(ref, range);
	return { ...rest, entries: entries.map(({ key, version, deleted, body }) => ({ key, version, deleted, sizeBytes: body.byteLength })) };
}

/** A steady leader acts only within its lease. */
const mayStart = ({ clock }: DataPlaneDeps, { fence, validUntilMs }: Leadership): boolean =>
	fence.mode === WriteMode.Guarded || clock.nowMs() < validUntilMs;

/** A guarded read counts if the fences, read after it, still say leader at the epoch seen before. */
async function stillCounts({ store }: DataPlaneDeps, { fence, refs }: Leadership): Promise<boolean> {
	if (fence.mode === WriteMode.Steady) return true;
	const [first] = refs;
	assert(first !== undefined);
	const now = refs.length === 1 ? [await store.readFence(first)] : await store.readFences(first.partition, fence.buckets);
	return now.every((one) => one?.role === FenceRole.Leader && one.epoch === fence.epoch);
}

function onlyRef({ refs }: Leadership): BucketRef {
	const [ref] = refs;
	assert(ref !== undefined && refs.length === 1, "an item lies in one bucket");
	return ref;
}

const itemWrite = (operation: Exclude<ItemOperation, { kind: "get" }>, requestId: string, nowMs: number): ItemWrite => ({
	key: operation.key,
	content: operation.kind === "put" ? { body: operation.body, contentType: operation.contentType } : undefined,
	precondition: operation.precondition,
	// A caller that gives two requests one id must not have the second taken for a repetition of the first.
	requestId: `${requestId}#${fingerprintOf(operation).slice(0, 12)}`,
	nowMs,
});
