import { SyncStrategy } from "#domain/migration/plan-schema.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { copiesOf } from "#domain/migration/stages/synchronize.ts";

/** How far the copying of a migration has come. */
export type Progress = MigrationRecord["progress"] & {
	/**
	 * What the copying comes to. Once it is done, what was copied. Before that the leader's copy as it was measured for the plan; as soon as
	 * items have been copied its bytes are estimated by them, for a measured size is rounded up by capacity units. Absent where nobody knew,
	 * and while only what is missing is copied.
	 */
	readonly totalItems?: number;
	readonly totalBytes?: number;
	/** Of the copying, 0..100; 100 only when every bucket is done. */
	readonly percent?: number;
	/** Of the comparison that follows, in buckets of copies, 0..100; absent before it. */
	readonly verifiedPercent?: number;
	/** Seconds until the copying is done, at the pace it has had; absent before the first page and after the last. */
	readonly etaSeconds?: number;
};

/** What is known of the copying at `nowMs`. Without a size it goes by buckets. */
export function progressOf(
	{ progress, plan, copied, verified, verifiedAtMs, quiescedAtMs, state }: MigrationRecord,
	nowMs: number,
): Progress {
	const { size, replicas } = plan;
	const done = Object.values(copied).filter((position) => position === true).length / replicas.buckets;
	const total = totalOf(progress, plan, done === 1);
	if (quiescedAtMs === undefined) return { ...progress, ...total };
	const byItems =
		size === undefined || size.items === 0 || plan.sync !== SyncStrategy.Full ? done : Math.max(done, progress.items / size.items);
	const percent = done === 1 ? 100 : Math.min(99, Math.floor(100 * byItems));
	const etaSeconds = Math.ceil((((nowMs - quiescedAtMs) / 1000) * (1 - byItems)) / byItems);
	const isUnderWay = state === "running" && done < 1 && byItems > 0 && byItems < 1;
	const compared = verifiedAtMs === undefined ? verifiedShare(verified, plan) : 1;
	const verifiedPercent = compared === undefined ? {} : { verifiedPercent: Math.floor(100 * compared) };
	return { ...progress, ...total, percent, ...verifiedPercent, ...(isUnderWay ? { etaSeconds } : {}) };
}

function totalOf(
	{ items, bytes }: MigrationRecord["progress"],
	{ size, sync }: MigrationRecord["plan"],
	isDone: boolean,
): Pick<Progress, "totalItems" | "totalBytes"> {
	if (isDone) return { totalItems: items, totalBytes: bytes };
	if (size === undefined || sync !== SyncStrategy.Full) return {};
	const totalItems = Math.max(size.items, items);
	return { totalItems, totalBytes: items === 0 ? size.bytes : Math.round((bytes / items) * totalItems) };
}

function verifiedShare(verified: MigrationRecord["verified"], plan: MigrationRecord["plan"]): number | undefined {
	if (verified === undefined) return undefined;
	return Object.values(verified).filter((position) => position === true).length / (copiesOf(plan).length * plan.replicas.buckets);
}
