import { Consistency, followerMayAnswer } from "#domain/partition/consistency.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import { mayAnswer } from "#domain/partition/session-token.ts";
import { stalenessMs } from "#domain/partition/staleness.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { type Answer, answerList, answerRead } from "#lambdas/serve-data/answer.ts";
import type { AskedConsistency, DataRequest, ItemOperation, ListOperation } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { foundOf, listRows } from "#lambdas/serve-data/item-actions.ts";
import { beginList } from "#lambdas/serve-data/list-range.ts";
import { type Performed, performed } from "#lambdas/serve-data/perform.ts";

type Read = Extract<ItemOperation, { kind: "get" }> | ListOperation;

/** A follower's answer, with the headers that say so. */
export interface Followed {
	readonly performed: Performed;
	readonly headers: Answer["headers"];
}

/**
 * Answers a read from this region's own copy, if its fence says follower and its consistency allows it; undefined leaves it to the leader.
 *
 * The fence is read once more after the copy and has to say follower at the same epoch. Deletions begin only under a later fence
 * (`removing`), and a place that becomes a copy again has a later epoch: what was read had not been touched by either.
 */
export async function performAsFollower(
	deps: DataPlaneDeps,
	{ partition, operation, asked }: DataRequest,
	fence: Fence | undefined,
): Promise<Followed | undefined> {
	if (fence?.role !== FenceRole.Follower || !isRead(operation) || !followerMayAnswer(asked.consistency, readsOf(operation)))
		return undefined;
	const { buckets } = fence;
	const refs = operation.kind === "get" ? [{ partition, bucket: bucketOf(operation.key, buckets) }] : bucketsOf(partition, buckets);
	const read = await readCopy(deps, refs, operation, asked);
	if (read === undefined || !(await stillFollows(deps, refs, fence))) return undefined;
	return {
		performed: read.performed,
		headers: { "x-heliotrope-region": deps.region, "x-heliotrope-epoch": String(fence.epoch), ...read.headers },
	};
}

const isRead = (operation: DataRequest["operation"]): operation is Read => operation.kind === "get" || operation.kind === "list";

const readsOf = ({ kind }: Read): "item" | "list" => (kind === "get" ? "item" : "list");

function readCopy(
	deps: DataPlaneDeps,
	refs: readonly BucketRef[],
	operation: Read,
	asked: AskedConsistency,
): Promise<Followed | undefined> {
	if (operation.kind === "list") return listEventually(deps, refs, operation);
	const [ref] = refs;
	if (ref === undefined) return Promise.resolve(undefined);
	return asked.consistency === Consistency.Session ? readForSession(deps, ref, operation, asked) : readEventually(deps, ref, operation);
}

async function readForSession(
	{ store }: DataPlaneDeps,
	ref: BucketRef,
	{ key, ifNoneMatch }: Extract<Read, { kind: "get" }>,
	{ token }: Extract<AskedConsistency, { consistency: typeof Consistency.Session }>,
): Promise<Followed | undefined> {
	const row = await store.readItem(ref, key);
	if (!mayAnswer(token, key, row?.version)) return undefined;
	const found = foundOf(row);
	return { performed: performed(() => answerRead(found, ifNoneMatch), found.seen), headers: {} };
}

async function readEventually(
	deps: DataPlaneDeps,
	ref: BucketRef,
	{ key, ifNoneMatch }: Extract<Read, { kind: "get" }>,
): Promise<Followed | undefined> {
	// The report before the item: what it says of the copy holds for every later read, not for an earlier one.
	const fedThroughMs = await fedThrough(deps, [ref]);
	const row = await deps.store.readItem(ref, key);
	const headers = staleness(deps, { fedThroughMs, writtenAtMs: row?.writtenAtMs });
	if (headers === undefined) return undefined;
	const found = foundOf(row);
	return { performed: performed(() => answerRead(found, ifNoneMatch), found.seen), headers };
}

async function listEventually(deps: DataPlaneDeps, refs: readonly BucketRef[], operation: ListOperation): Promise<Followed | undefined> {
	const headers = staleness(deps, { fedThroughMs: await fedThrough(deps, refs) });
	if (headers === undefined) return undefined;
	const [first] = refs;
	if (first === undefined) return undefined;
	const { range, cursorFor } = await beginList(deps, first.partition, operation);
	const listed = await listRows(deps, refs, range, () => true);
	return listed && { performed: performed(() => answerList(listed.page, cursorFor), listed.seen), headers };
}

/** The earliest of the buckets' reports; undefined when one has none. */
async function fedThrough({ feeds }: DataPlaneDeps, refs: readonly BucketRef[]): Promise<number | undefined> {
	const reports = await Promise.all(refs.map((ref) => feeds?.read(ref)));
	const known = reports.filter((report) => report !== undefined);
	return known.length < refs.length ? undefined : Math.min(...known);
}

function staleness({ clock }: DataPlaneDeps, freshness: Parameters<typeof stalenessMs>[0]): Answer["headers"] | undefined {
	const ms = stalenessMs(freshness, clock.nowMs());
	return ms === undefined ? undefined : { "x-heliotrope-staleness-ms": String(ms) };
}

async function stillFollows({ store }: DataPlaneDeps, refs: readonly BucketRef[], seen: Fence): Promise<boolean> {
	const [first] = refs;
	if (first === undefined) return false;
	const now = refs.length === 1 ? [await store.readFence(first)] : await store.readFences(first.partition, seen.buckets);
	return now.every((one) => one?.role === FenceRole.Follower && one.epoch === seen.epoch);
}
