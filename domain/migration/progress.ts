import type { MigrationRecord } from "#domain/migration/record.ts";
import { copiesOf } from "#domain/migration/stages/synchronize.ts";

/** How far the copying of a migration has come. */
export type Progress = MigrationRecord["progress"] & {
	/** Of the leader's copy when the plan was made; absent where nobody knew. */
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
	const total = size === undefined ? {} : { totalItems: size.items, totalBytes: size.bytes };
	if (quiescedAtMs === undefined) return { ...progress, ...total };
	const done = Object.values(copied).filter((position) => position === true).length / replicas.buckets;
	const byItems = size === undefined || size.items === 0 || plan.sync !== "full" ? done : Math.max(done, progress.items / size.items);
	const percent = done === 1 ? 100 : Math.min(99, Math.floor(100 * byItems));
	const etaSeconds = Math.ceil((((nowMs - quiescedAtMs) / 1000) * (1 - byItems)) / byItems);
	const isUnderWay = state === "running" && done < 1 && byItems > 0 && byItems < 1;
	const compared = verifiedAtMs === undefined ? verifiedShare(verified, plan) : 1;
	const verifiedPercent = compared === undefined ? {} : { verifiedPercent: Math.floor(100 * compared) };
	return { ...progress, ...total, percent, ...verifiedPercent, ...(isUnderWay ? { etaSeconds } : {}) };
}

function verifiedShare(verified: MigrationRecord["verified"], plan: MigrationRecord["plan"]): number | undefined {
	if (verified === undefined) return undefined;
	return Object.values(verified).filter((position) => position === true).length / (copiesOf(plan).length * plan.replicas.buckets);
}
