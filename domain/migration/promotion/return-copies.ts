import type { RegionId } from "#domain/geography/region-id.ts";
import { CarryRefusedError, FencesBusyError, MigrationConflictError } from "#domain/migration/errors.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { type LossPosition, listLosses } from "#domain/migration/promotion/list-losses.ts";
import { promote } from "#domain/migration/promotion/promote.ts";
import { contextOf, isLeading, type PromotionDeps, type PromotionRequest } from "#domain/migration/promotion/promotion.ts";
import { amendCopy, backContext, demote, discard, secondsUntilStill } from "#domain/migration/promotion/take-back.ts";
import { readRegionFence } from "#domain/migration/region-fences.ts";
import { PAGE_SIZE, PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import { AttemptsUsedUpError } from "#domain/migration/start-migration.ts";
import { FenceRole } from "#domain/partition/fence.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import { allowsCopyIn, type LostCopy, type PartitionRecord, Phase } from "#domain/partition/record.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { LostWrites } from "#domain/ports/lost-writes.ts";
import type { MigrationStarter } from "#domain/ports/migration-starter.ts";
import type { OpenPromotion } from "#domain/ports/open-promotions.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

export interface ReturnDeps extends PromotionDeps {
	readonly clock: Clock;
	readonly lostWrites: (region: RegionId) => Pick<LostWrites, "keep">;
	readonly starter: MigrationStarter;
	/** The regions of the deployment. */
	readonly regions: readonly RegionId[];
}

/** What recovery did for one partition. */
export type ReturnStep =
	/** An unfinished promotion was brought to its end. */
	| { readonly kind: "promoted"; readonly partition: PartitionId; readonly leader: RegionId }
	/** A returned copy refuses every write from now on. */
	| { readonly kind: "demoted"; readonly partition: PartitionId; readonly region: RegionId }
	/** A returned copy is gone; its losses are kept beside it. */
	| { readonly kind: "discarded"; readonly partition: PartitionId; readonly region: RegionId; readonly losses: number }
	/** A migration that makes the region a follower again has been started. */
	| { readonly kind: "rejoining"; readonly partition: PartitionId; readonly region: RegionId };

export interface ReturnReport {
	/** Partitions that were looked at. */
	readonly open: number;
	readonly steps: readonly ReturnStep[];
	/** Regions that did not answer. */
	readonly away: readonly RegionId[];
}

/** Seconds for which lost writes are kept: thirty days, for a person to look at them. */
export const KEPT_SECONDS = 30 * 24 * 3600;
/** After which a partition with nothing left to do is forgotten, in ms: longer than any invocation that may be about to promote it. */
const REST_MS = 3_600_000;
/** Partitions of one run, and listed at once. */
const MAX_OPEN = 10_000;
const LIST_PAGE = 500;

/**
 * Brings to an end what promotions have left open: a promotion that nobody carries on, copies in regions that have returned, and their
 * rejoining. A returned copy is fenced first, in all partitions before anything else; then, once nothing it took can still be landing, every
 * write that its leader lacks is set aside and the copy is discarded; a migration copies everything to the region anew. Each step is
 * conditional, so whoever does the same at the same time, an operator included, loses nothing by it.
 *
 * @param listed what there is to look at; noted after it was listed is the next run's
 */
export async function returnCopies(deps: ReturnDeps, deadlineMs: number, listed = listOpen(deps)): Promise<ReturnReport> {
	const open = await listed;
	const run: Run = { deps, deadlineMs, steps: [], away: new Set(), silent: new Set() };
	const demotions = (await mapParallel(open, PARALLEL_BUCKETS, (one) => fenceOff(run, one))).flat();
	// Waited for here where there is time, for the next run may be an hour away.
	const untilMs = Math.max(0, ...demotions.filter((atMs) => atMs + deps.quiesceSeconds * 1000 < deadlineMs));
	const waitMs = untilMs + deps.quiesceSeconds * 1000 - deps.clock.nowMs();
	if (waitMs > 0 && demotions.length > 0) await deps.clock.sleep(waitMs);
	await mapParallel(open, PARALLEL_BUCKETS, (one) => goOn(run, one));
	return { open: open.length, steps: run.steps, away: [...run.away] };
}

interface Run {
	readonly deps: ReturnDeps;
	readonly deadlineMs: number;
	readonly steps: ReturnStep[];
	readonly away: Set<RegionId>;
	/** Of these, the ones whose copies could not be demoted: they are not asked again for every other partition. */
	readonly silent: Set<RegionId>;
}

/** At most 10,000. */
export async function listOpen({ open }: Pick<ReturnDeps, "open">): Promise<readonly OpenPromotion[]> {
	const found: OpenPromotion[] = [];
	let after: string | undefined;
	do {
		const page = await open.list({ limit: LIST_PAGE, ...(after === undefined ? {} : { after }) });
		found.push(...page.entries);
		after = page.next;
	} while (after !== undefined && found.length < MAX_OPEN);
	return found;
}

/** Finishes an unfinished promotion, then demotes what has returned. @returns when each demotion of this partition was known */
async function fenceOff(run: Run, { partition }: OpenPromotion): Promise<readonly number[]> {
	const { deps } = run;
	const before = await deps.metadata.readControl(partition);
	if (before?.promotion !== undefined) await finishPromotion(run, before);
	const record = before?.promotion === undefined ? before : await deps.metadata.readControl(partition);
	const demotedAt: number[] = [];
	for (const copy of record?.lost ?? []) {
		const { region } = copy;
		if (record === undefined || copy.demotedAtMs !== undefined || run.silent.has(region)) continue;
		const ctx = backContext(deps, record, copy, run.deadlineMs);
		const demoted = await attempt(run, region, async () => ({ atMs: await demote(deps, ctx, record, copy) }), run.silent);
		if (demoted === undefined) continue;
		demotedAt.push(demoted.atMs);
		run.steps.push({ kind: "demoted", partition, region });
	}
	return demotedAt;
}

/** Whoever has chosen has vouched for it: only what is left to do is done. */
async function finishPromotion(run: Run, { partition, leader, promotion }: PartitionRecord): Promise<void> {
	if (promotion === undefined) return;
	const { target, mayLoseWrites, migrationId } = promotion;
	if (await promoteThere(run, partition, { target, mayLoseWrites, confirmedOff: [] })) return;
	// It cannot be: a migration has committed, or has begun to remove the copy, in the last moment. Then one leads, or led until now, and if
	// it answers it goes on, which loses nothing.
	const migration = migrationId === undefined ? undefined : await run.deps.migrations.read(migrationId);
	const leaders = [migration?.plan.transfer, leader, migration?.source, ...promotion.keep].filter(
		(region) => region !== undefined && region !== target,
	);
	for (const region of new Set(leaders))
		if (region !== undefined && (await promoteThere(run, partition, { target: region, mayLoseWrites: false, confirmedOff: [] }))) return;
}

/** @returns whether it was done, or may be by going on later */
async function promoteThere(run: Run, partition: PartitionId, request: PromotionRequest): Promise<boolean> {
	const { clock } = run.deps;
	for (;;) {
		const outcome = await attempt(run, request.target, () => promote(run.deps, partition, request, run.deadlineMs));
		if (outcome?.kind === "again" && clock.nowMs() + outcome.waitSeconds * 1000 < run.deadlineMs) {
			await clock.sleep(outcome.waitSeconds * 1000);
			continue;
		}
		if (outcome?.kind === "promoted") run.steps.push({ kind: "promoted", partition, leader: request.target });
		return outcome?.kind !== "refused" || (outcome.code === "promotion.busy" && !(await isImpossible(run, partition, request)));
	}
}

/**
 * Whether trying again would be in vain, for the target has become no copy, or another copy leads since an earlier promotion was carried
 * out after all. Otherwise somebody else is only carrying on just now.
 */
async function isImpossible(run: Run, partition: PartitionId, { target }: PromotionRequest): Promise<boolean> {
	const record = await run.deps.metadata.readControl(partition);
	const { promotion } = record ?? {};
	if (record === undefined || promotion?.target !== target) return false;
	const ctx = contextOf(run.deps, record, promotion.promotionId, run.deadlineMs);
	const look = (region: RegionId) => attempt(run, region, async () => ({ fence: await readRegionFence(ctx, region) }));
	const seen = await look(target);
	const isPending = seen !== undefined && (seen.fence?.epoch ?? 0) < promotion.epoch;
	if (isPending && seen.fence?.role !== FenceRole.Follower && !isLeading(seen.fence)) return true;
	for (const region of promotion.keep) if (isLeading((await look(region))?.fence)) return true;
	return false;
}

async function goOn(run: Run, seen: OpenPromotion): Promise<void> {
	const { deps } = run;
	const { partition } = seen;
	const record = await deps.metadata.readControl(partition);
	if (record?.promotion !== undefined) return;
	for (const copy of record?.lost ?? []) {
		if (record === undefined || copy.demotedAtMs === undefined || deps.clock.nowMs() >= run.deadlineMs) continue;
		await attempt(run, copy.region, () => takeBack(run, record, copy));
	}
	const now = await deps.metadata.readControl(partition);
	const isDone = now === undefined || ((now.lost ?? []).length === 0 && now.promotion === undefined);
	// Noted by another invocation or by this one: read anew with the next run.
	const rejoined = now === undefined || (await rejoin(run, now, seen));
	if (isDone && rejoined && deps.clock.nowMs() - seen.notedAtMs >= REST_MS) await deps.open.close(seen);
}

/** Sets aside what the leader lacks, then discards the copy. */
async function takeBack(run: Run, record: PartitionRecord, copy: LostCopy): Promise<void> {
	const { deps, deadlineMs } = run;
	const { region } = copy;
	if (secondsUntilStill(deps, copy.demotedAtMs ?? 0) > 0) return;
	const ctx = backContext(deps, record, copy, deadlineMs);
	const listed = copy.discarding === true ? record : await setAside(run, record, copy);
	const now = listed?.lost?.find((one) => one.region === region && one.epoch === copy.epoch);
	if (listed === undefined || now?.discarding !== true) return;
	if (copy.member === true) await deps.open.noteRejoin(record.partition, region, deps.clock.nowMs());
	if (!(await discard(deps, ctx, listed, now))) return;
	run.steps.push({ kind: "discarded", partition: record.partition, region, losses: now.losses ?? 0 });
	if (copy.member === true) await startRejoin(run, record.partition, region);
}

/** Page by page until the deadline. @returns the record once everything has been set aside */
async function setAside(run: Run, record: PartitionRecord, copy: LostCopy): Promise<PartitionRecord | undefined> {
	const { deps, deadlineMs } = run;
	const { region, epoch } = copy;
	const ctx = backContext(deps, record, copy, deadlineMs);
	const expiresAt = Math.floor(deps.clock.nowMs() / 1000) + KEPT_SECONDS;
	const keep = (ref: BucketRef, write: StoredItem): Promise<void> => deps.lostWrites(region).keep(ref, { ...write, expiresAt });
	let from: LossPosition | undefined = copy.setAside;
	for (;;) {
		const { next, count } = await listLosses(ctx, { region, leader: record.leader, epoch }, PAGE_SIZE, from, keep);
		if (next === undefined)
			return amendCopy(deps, record, copy, ({ setAside: _, ...now }) => ({ ...now, losses: count, discarding: true }));
		from = next;
		if (deps.clock.nowMs() < deadlineMs) continue;
		await amendCopy(deps, record, copy, (now) => ({ ...now, setAside: next }));
		return undefined;
	}
}

/** @returns whether no region is left that is to follow again */
async function rejoin(run: Run, record: PartitionRecord, { partition, rejoin: regions }: OpenPromotion): Promise<boolean> {
	let left = 0;
	for (const region of regions) {
		const stands = record.leader === region || record.followers.includes(region);
		const wanted = allowsCopyIn(record, region) && run.deps.regions.includes(region);
		if (!stands && wanted) {
			left += 1;
			await startRejoin(run, partition, region);
		} else await run.deps.open.dropRejoin(partition, region);
	}
	return left === 0;
}

/** By a normal migration, which copies everything. One that is under way is waited for: the next run looks again. */
async function startRejoin(run: Run, partition: PartitionId, region: RegionId): Promise<void> {
	const { metadata, starter, open } = run.deps;
	const record = await metadata.readControl(partition);
	if (record === undefined || record.phase !== Phase.Active || record.lost?.some((copy) => copy.region === region)) return;
	const { epoch } = record;
	const request = { partition, epoch, actions: [{ addFollower: region }], requestedBy: "recovery" } as const;
	try {
		const outcome = await starter.start({ migrationId: migrationIdOf(partition, epoch), ...request });
		if (outcome === "started") run.steps.push({ kind: "rejoining", partition, region });
	} catch (error) {
		if (!(error instanceof AttemptsUsedUpError)) throw error;
		await open.dropRejoin(partition, region);
	}
}

/** Undefined where a region is away, or somebody else is at it. @param silent gets the region that is away, where no other is asked */
async function attempt<T>(run: Run, region: RegionId, work: () => Promise<T>, silent: Set<RegionId> = run.away): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof UnavailableError) {
			run.away.add(region);
			silent.add(region);
		} else if (!(error instanceof MigrationConflictError || error instanceof FencesBusyError || error instanceof CarryRefusedError))
			throw error;
		return undefined;
	}
}
