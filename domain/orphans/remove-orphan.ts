import type { RegionId } from "#domain/geography/region-id.ts";
import { FencesBusyError, MigrationConflictError, NotDominatedError } from "#domain/migration/errors.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { noteCopy } from "#domain/migration/note-copy.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { fenceOf, moveFences, type NextFence } from "#domain/migration/region-fences.ts";
import { removeCopy } from "#domain/migration/remove-copy.ts";
import { PAGE_SIZE } from "#domain/migration/settings.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import type { Orphan } from "#domain/orphans/orphan.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { OrphanStore } from "#domain/ports/orphan-store.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";

export interface RemoveDeps {
	readonly stores: RegionalStores;
	readonly metadata: Pick<MetadataStore, "readControl">;
	readonly migrations: Pick<MigrationStore, "read" | "noteCopy">;
	readonly orphans: Pick<OrphanStore, "find" | "put">;
	readonly clock: Pick<Clock, "nowMs">;
}

/** Why an orphan is not removed. The codes are stable. */
export type RefusalCode =
	| "orphan.unknown"
	| "orphan.too-young"
	| "orphan.no-record"
	| "orphan.explained"
	| "orphan.leads"
	| "orphan.fed"
	| "orphan.owes"
	| "orphan.other-generation"
	| "orphan.busy"
	| "orphan.not-dominated";

export type RemovalOutcome =
	| { readonly kind: "removed" }
	/** The deadline has come; the same call goes on. */
	| { readonly kind: "again" }
	| { readonly kind: "refused"; readonly code: RefusalCode; readonly reason: string };

type Refused = Extract<RemovalOutcome, { kind: "refused" }>;

/** A report must be so old, in ms: longer than any invocation that may still be working on a copy. */
export const MIN_AGE_MS = 3_600_000;

/**
 * Removes a copy that was reported as an orphan, by the rules of RemoveSource: a fence that refuses every put and promotion, proof that
 * the leader has everything, deletion page by page, a fence that expires. Nothing is deleted without the proof.
 *
 * @throws UnavailableError when a region is out of reach; calling again is safe
 */
export async function removeOrphan(
	deps: RemoveDeps,
	{ region, partition }: Pick<Orphan, "region" | "partition">,
	deadlineMs: number,
): Promise<RemovalOutcome> {
	const report = await deps.orphans.find(region, partition);
	if (report === undefined || report.removedAtMs !== undefined)
		return refused("orphan.unknown", `no orphan of ${partition} is reported in ${region}`);
	if (deps.clock.nowMs() - report.firstSeenAtMs < MIN_AGE_MS)
		return refused("orphan.too-young", "it was seen for the first time less than an hour ago; something may still be working on it");
	const record = await deps.metadata.readControl(partition);
	const leader = record === undefined ? undefined : await presentLeader(deps, record);
	const [first] = await deps.stores(region).readFences(partition, record?.buckets ?? 1);
	const refusal = await refuse(deps, region, record, leader, first);
	if (refusal !== undefined || record === undefined || leader === undefined)
		return refusal ?? refused("orphan.no-record", "without a record there is no leader to prove it by");
	const ctx = contextOf(deps, record, deadlineMs);
	return remove(deps, ctx, report, record, first);
}

/** The fence of the region that the record names, if it leads at the record's epoch. */
async function presentLeader({ stores }: RemoveDeps, { partition, leader, epoch, buckets }: PartitionRecord): Promise<Fence | undefined> {
	const fences = await stores(leader).readFences(partition, buckets);
	const [first] = fences;
	return fences.every((fence) => fence?.role === FenceRole.Leader && fence.epoch === epoch) ? first : undefined;
}

/** Everything that speaks against touching the copy. */
async function refuse(
	{ migrations }: RemoveDeps,
	region: RegionId,
	record: PartitionRecord | undefined,
	leader: Fence | undefined,
	copy: Fence | undefined,
): Promise<Refused | undefined> {
	if (record === undefined)
		return refused("orphan.no-record", "the partition has no record, so nothing can prove that this copy is not the only one");
	if (record.phase !== Phase.Active)
		return refused("orphan.explained", `the partition is ${record.phase}; a migration may work on this copy`);
	if (record.leader === region || record.followers.includes(region)) return refused("orphan.explained", "the record lists this copy");
	if (record.lost?.some((copy) => copy.region === region))
		return refused("orphan.explained", "a promotion has left this copy behind; reclaim it");
	if (leader === undefined) return refused("orphan.busy", "the leader's fences do not say what the record says; try again later");
	if (leader.peers.includes(region)) return refused("orphan.fed", "the leader still feeds this copy");
	if (copy === undefined) return undefined;
	if (copy.role === FenceRole.Leader || copy.role === FenceRole.Fenced)
		return refused("orphan.leads", `its fence leads at epoch ${copy.epoch}; the runbook on a lost region says what to do`);
	if (copy.epoch > record.epoch) return refused("orphan.busy", "its fence is ahead of the record");
	if (copy.buckets !== record.buckets)
		return refused("orphan.other-generation", `it has ${copy.buckets} buckets, the partition ${record.buckets}; it cannot be compared`);
	if (copy.peers.some((peer) => record.followers.includes(peer)))
		return refused("orphan.owes", "it led once and may still owe followers what its stream carries");
	const holder = copy.migrationId === undefined ? undefined : await migrations.read(copy.migrationId);
	return holder?.state === MigrationState.Running ? refused("orphan.explained", `migration ${holder.migrationId} holds it`) : undefined;
}

/** Fences of a removal bear an id of their own, so that neither a migration nor another removal takes them for its own. */
const contextOf = ({ stores, clock }: RemoveDeps, { partition, epoch, buckets }: PartitionRecord, deadlineMs: number): CopyContext => ({
	stores,
	clock,
	partition,
	deadlineMs,
	migration: { migrationId: `${migrationIdOf(partition, epoch)}-orphan`, plan: { replicas: { buckets } } },
});

async function remove(
	deps: RemoveDeps,
	ctx: CopyContext,
	report: Orphan,
	record: PartitionRecord,
	judged: Fence | undefined,
): Promise<RemovalOutcome> {
	const { region } = report;
	const { epoch, leader } = record;
	const removing = fenceOf(ctx, { role: FenceRole.Removing, epoch, leader });
	try {
		const fence = await moveFences(ctx, region, (current) => takeOver(ctx, removing, judged, current));
		await cleanJournals(ctx, region);
		const removal = { region, epoch, leader, becomes: FenceRole.Moved, followers: [] };
		if (!(await removeCopy(ctx, removal, { fence }))) return { kind: "again" };
		await noteCopy({ ...ctx, migrations: deps.migrations }, region, "ended");
	} catch (error) {
		if (error instanceof NotDominatedError) return refused("orphan.not-dominated", error.message);
		if (error instanceof MigrationConflictError || error instanceof FencesBusyError) return refused("orphan.busy", error.message);
		throw error;
	}
	await deps.orphans.put({ ...report, removedAtMs: deps.clock.nowMs() });
	return { kind: "removed" };
}

/** From here on nothing can be put here, and no plan can take the place. A fence that is no longer the one judged is left alone. */
function takeOver(
	{ migration }: CopyContext,
	removing: NextFence,
	judged: Fence | undefined,
	current: Fence | undefined,
): NextFence | undefined {
	if (current !== undefined && current.migrationId === migration.migrationId) return undefined;
	const same = current?.role === judged?.role && current?.epoch === judged?.epoch && current?.migrationId === judged?.migrationId;
	// A fence that has expired meanwhile leaves the place free, as it was on the way to.
	if (!same && !(current === undefined && judged?.expiresAt !== undefined))
		throw new MigrationConflictError("the copy's fence has changed meanwhile");
	return removing;
}

/** Entries beside a copy that leads nothing owe nothing to anybody. */
async function cleanJournals({ stores, partition, migration }: CopyContext, region: RegionId): Promise<void> {
	for (const ref of bucketsOf(partition, migration.plan.replicas.buckets)) await cleanJournal(stores, region, ref);
}

async function cleanJournal(stores: RegionalStores, region: RegionId, ref: BucketRef): Promise<void> {
	let after: string | undefined;
	do {
		const page = await stores(region).listJournal(ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
		for (const { key, version } of page.entries) await stores(region).removeJournalEntry(ref, key, version);
		after = page.next;
	} while (after !== undefined);
}

const refused = (code: RefusalCode, reason: string): Refused => ({ kind: "refused", code, reason });
