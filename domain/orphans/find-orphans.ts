import type { RegionId } from "#domain/geography/region-id.ts";
import { type CopyView, isEmpty, judgeCopy } from "#domain/orphans/judge-copy.ts";
import { isPresent, type Orphan, type Walk, type Walks } from "#domain/orphans/orphan.ts";
import type { Fence } from "#domain/partition/fence.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import type { BucketScanner } from "#domain/ports/bucket-scanner.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { OrphanStore } from "#domain/ports/orphan-store.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { mapParallel } from "#domain/shared/map-parallel.ts";

export interface FindDeps {
	readonly scan: BucketScanner;
	readonly stores: RegionalStores;
	readonly metadata: Pick<MetadataStore, "readControl" | "readMany">;
	readonly orphans: OrphanStore;
	readonly regions: readonly RegionId[];
	readonly clock: Pick<Clock, "nowMs">;
}

/** How far one run may go; the next one goes on from there. */
export interface FindBudget {
	readonly untilMs: number;
	/** Pages of the data tables. */
	readonly pages: number;
}

/** What one run did. */
export interface FindReport {
	/** Whether the walk has come to its end, so that the reports are complete. */
	readonly finished: boolean;
	/** Buckets looked at by the walk so far. */
	readonly buckets: number;
	/** Orphans that this run has met. */
	readonly found: readonly Orphan[];
}

/** Rows a page, at most. */
const PAGE = 1000;
/** Partitions that are looked at closely at once. */
const PARALLEL_PARTITIONS = 8;
/** A walk begins so long after the last one has ended: a little less than a week, so that a weekly run at the same hour is not early. */
const REST_MS = (7 * 24 - 1) * 3_600_000;

/** Whether a walk goes on or a new one is due. */
export const walkIsDue = ({ current, last }: Walks, nowMs: number): boolean =>
	current !== undefined || last === undefined || nowMs - last.finishedAtMs >= REST_MS;

/** Goes on with the walk over the data tables of all regions, or begins one, and reports copies that no record explains. Changes no copy. */
export async function findOrphans(deps: FindDeps, budget: FindBudget): Promise<FindReport> {
	const { clock, regions } = deps;
	const { current, ...rest } = await deps.orphans.readWalks();
	const [first] = regions;
	if (first === undefined) return { finished: true, buckets: 0, found: [] };
	const goesOn = current !== undefined && regions.includes(current.region);
	let walk: Walk | undefined = goesOn ? current : { startedAtMs: clock.nowMs(), region: first, buckets: 0, skipped: [] };
	let buckets = walk.buckets;
	const found: Orphan[] = [];
	for (let page = 0; walk !== undefined && page < budget.pages && clock.nowMs() < budget.untilMs; page++) {
		const at: Walk = walk;
		const next = await step(deps, at, found, rest);
		buckets = next.buckets;
		walk = next.region === undefined ? undefined : { ...next, region: next.region };
		if (next.region === undefined) {
			const { region: _, after: __, ...ended } = next;
			await deps.orphans.writeWalks({ last: { ...ended, region: at.region, finishedAtMs: clock.nowMs() } });
		}
	}
	if (walk !== undefined) await deps.orphans.writeWalks({ ...rest, current: walk });
	// A partition has several buckets, which may lie on several pages.
	const distinct = new Map(found.map((orphan) => [`${orphan.region}#${orphan.partition}`, orphan]));
	return { finished: walk === undefined, buckets, found: [...distinct.values()] };
}

/** The walk after one page; without a region it has come to its end. */
async function step(
	deps: FindDeps,
	walk: Walk,
	found: Orphan[],
	walks: Walks,
): Promise<Omit<Walk, "region"> & { readonly region?: RegionId | undefined }> {
	const { region, after, ...rest } = walk;
	const following = deps.regions[deps.regions.indexOf(region) + 1];
	try {
		const page = await deps.scan(region, { limit: PAGE, ...(after === undefined ? {} : { after }) });
		found.push(...(await judgePage(deps, region, page.buckets, walks)));
		const buckets = rest.buckets + page.buckets.length;
		return page.next === undefined ? { ...rest, buckets, region: following } : { ...rest, buckets, region, after: page.next };
	} catch (error) {
		if (!(error instanceof UnavailableError)) throw error;
		return { ...rest, skipped: [...rest.skipped, region], region: following };
	}
}

async function judgePage(deps: FindDeps, region: RegionId, buckets: readonly BucketRef[], walks: Walks): Promise<readonly Orphan[]> {
	const records = await deps.metadata.readMany([...new Set(buckets.map(({ partition }) => partition))]);
	const unexplained = Map.groupBy(
		buckets.filter(({ partition }) => !explains(records.get(partition), region)),
		({ partition }) => partition,
	);
	const found = await mapParallel([...unexplained.values()], PARALLEL_PARTITIONS, async (refs) => {
		for (const ref of refs) {
			const orphan = await look(deps, region, ref, walks);
			if (orphan !== undefined) return orphan;
		}
		return undefined;
	});
	return found.filter((orphan) => orphan !== undefined);
}

/** What most copies are: listed, or in the hands of a migration. */
const explains = (record: PartitionRecord | undefined, region: RegionId): boolean =>
	record !== undefined && (record.phase !== Phase.Active || record.leader === region || record.followers.includes(region));

/** A closer look: the copy first, then the record, then whether the copy's fence is still the same; so nothing in the making is taken for lost. */
async function look(
	{ stores, metadata, orphans, clock }: FindDeps,
	region: RegionId,
	ref: BucketRef,
	walks: Walks,
): Promise<Orphan | undefined> {
	const store = stores(region);
	const fence = await store.readFence(ref);
	const [items, journal] = await Promise.all([store.listItems(ref, { limit: 1 }), store.listJournal(ref, { limit: 1 })]);
	const copy: CopyView = { region, fence, holdsData: items.entries.length + journal.entries.length > 0 };
	// most that no record explains: what a copy leaves behind that has moved away
	if (isEmpty(copy)) return undefined;
	const kind = judgeCopy(copy, await metadata.readControl(ref.partition));
	if (kind === undefined || !sameFence(fence, await store.readFence(ref))) return undefined;
	const known = await orphans.find(region, ref.partition);
	const nowMs = clock.nowMs();
	const orphan: Orphan = {
		region,
		partition: ref.partition,
		kind,
		...(fence === undefined ? {} : { role: fence.role, epoch: fence.epoch }),
		// One that was gone in between is another one: its age counts anew.
		firstSeenAtMs: known !== undefined && isPresent(known, walks) ? known.firstSeenAtMs : nowMs,
		lastSeenAtMs: nowMs,
	};
	await orphans.put(orphan);
	return orphan;
}

const sameFence = (a: Fence | undefined, b: Fence | undefined): boolean =>
	a?.role === b?.role && a?.epoch === b?.epoch && a?.migrationId === b?.migrationId;
