import type { RegionId } from "#domain/geography/region-id.ts";
import { type CarryDeps, carryToPeers } from "#domain/partition/carry-keys.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { ParkedBucket, ParkedKey, ParkedKeys } from "#domain/ports/parked-keys.ts";
import type { Random } from "#domain/ports/random.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export interface SweepDeps extends CarryDeps {
	readonly parked: ParkedKeys;
	readonly clock: Pick<Clock, "nowMs">;
	readonly random: Pick<Random, "next">;
	/** Told of a key that cannot be carried because something is defective. */
	readonly onDefect: (ref: BucketRef, error: unknown) => void;
	/** Whether a region answers: a bucket is left alone while the region of one of its copies does not. @default every bucket is tried */
	readonly answers?: (region: RegionId, ref: BucketRef) => Promise<boolean>;
}

/** What one sweep of a region has come to. */
export interface SweepReport {
	/** Buckets listed. */
	readonly buckets: number;
	/** Keys that every peer has by now. */
	readonly carried: number;
	/** Keys tried that stay parked. */
	readonly owed: number;
}

/** Keys of a bucket carried between two looks at the deadline, and how many of them one after another. */
const PAGE_SIZE = 100;
const CHUNK = 10;
/** Buckets listed in one sweep: what is beyond them comes in later ones, as these are released. */
const MAX_BUCKETS = 10_000;
/** Buckets worked on at once: one that is slow because a region is lost does not hold up the others. */
const LANES = 8;

/**
 * Carries a region's parked keys again, by the rules of the stream, and forgets those that every peer has. Buckets come in random order,
 * so that a sweep that ends at its deadline does not leave out the same ones as the last.
 *
 * @throws UnavailableError when the region's own table is out of reach
 */
export async function sweepParked(deps: SweepDeps, deadlineMs: number): Promise<SweepReport> {
	const waiting = await listAll(deps);
	const report = { buckets: waiting.length, carried: 0, owed: 0 };
	const lane = async (): Promise<void> => {
		while (waiting.length > 0 && deps.clock.nowMs() < deadlineMs) {
			const [bucket] = waiting.splice(Math.floor(deps.random.next() * waiting.length), 1);
			if (bucket === undefined) return;
			const { carried, owed } = await sweepBucket(deps, bucket, deadlineMs);
			report.carried += carried;
			report.owed += owed;
		}
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	return report;
}

async function listAll({ parked }: SweepDeps): Promise<ParkedBucket[]> {
	const buckets: ParkedBucket[] = [];
	let after: string | undefined;
	do {
		const page = await parked.listBuckets({ limit: 1_000, ...(after === undefined ? {} : { after }) });
		buckets.push(...page.entries);
		after = page.next;
	} while (after !== undefined && buckets.length < MAX_BUCKETS);
	return buckets;
}

async function sweepBucket(deps: SweepDeps, bucket: ParkedBucket, deadlineMs: number): Promise<Omit<SweepReport, "buckets">> {
	const sum = { carried: 0, owed: 0 };
	let after: string | undefined;
	try {
		if (!(await isWhole(deps, bucket.ref))) return sum;
		do {
			const page = await carryParked(deps, bucket.ref, { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) });
			sum.carried += page.carried;
			sum.owed += page.owed;
			after = page.next;
			// Nothing of a whole page gets through: the rest would not either.
			if (page.carried === 0 && page.owed > 0) return sum;
		} while (after !== undefined && deps.clock.nowMs() < deadlineMs);
		if (after === undefined && sum.owed === 0) await deps.parked.releaseBucket(bucket);
	} catch (error) {
		if (!(error instanceof UnavailableError)) throw error;
	}
	return sum;
}

/** Whether every region that the bucket's keys are owed to or read at answers, as far as somebody wants to know. */
async function isWhole({ parked, answers }: SweepDeps, ref: BucketRef): Promise<boolean> {
	if (answers === undefined) return true;
	const { fence } = await parked.readFence(ref);
	const regions = fence === undefined ? [] : [...new Set([fence.leader, ...fence.peers])];
	return (await Promise.all(regions.map((region) => answers(region, ref)))).every(Boolean);
}

/**
 * One page of a bucket's parked keys. They are listed before the fence and the items are read, so what is carried is as new as any debt
 * that is released with it.
 */
export async function carryParked(
	deps: Omit<SweepDeps, "clock" | "random">,
	ref: BucketRef,
	range: { readonly after?: string; readonly limit: number },
): Promise<{ readonly carried: number; readonly owed: number; readonly next?: string }> {
	const page = await deps.parked.listKeys(ref, range);
	const chunks = Array.from({ length: Math.ceil(page.entries.length / CHUNK) }, (_, i) => page.entries.slice(i * CHUNK, (i + 1) * CHUNK));
	const released = await Promise.all(chunks.map((chunk) => carryChunk(deps, ref, chunk)));
	const carried = released.reduce((sum, count) => sum + count, 0);
	const counts = { carried, owed: page.entries.length - carried };
	return page.next === undefined ? counts : { ...counts, next: page.next };
}

/** How many of the keys have been carried and released. A defect of one key keeps that key, and none beside it. */
async function carryChunk(deps: Omit<SweepDeps, "clock" | "random">, ref: BucketRef, chunk: readonly ParkedKey[]): Promise<number> {
	const owed = await owedOf(deps, ref, chunk);
	const done = chunk.filter(({ key }) => !owed.includes(key));
	const outcomes = await Promise.all(done.map((one) => deps.parked.release(ref, one)));
	return outcomes.filter((outcome) => outcome === "released").length;
}

async function owedOf(deps: Omit<SweepDeps, "clock" | "random">, ref: BucketRef, chunk: readonly ParkedKey[]): Promise<readonly string[]> {
	const keys = chunk.map(({ key }) => key);
	try {
		return (await carryToPeers(deps, { ref, keys })).owed;
	} catch (error) {
		if (keys.length === 1) {
			deps.onDefect(ref, error);
			return keys;
		}
		return (await Promise.all(chunk.map((one) => owedOf(deps, ref, [one])))).flat();
	}
}
