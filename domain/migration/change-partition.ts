import { MigrationConflictError } from "#domain/migration/errors.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import type { StageContext, StageDeps } from "#domain/migration/stage-context.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";

const MAX_ATTEMPTS = 10;

/** The fields that a change may set; `canary` and `migrationId` are taken away where it does not keep them. */
export type PartitionChange = Pick<
	PartitionRecord,
	"leader" | "followers" | "epoch" | "phase" | "leaderSinceMs" | "copiesSinceMs" | "canary" | "migrationId"
>;

/** The partition's record, claimed by this migration. @throws MigrationConflictError when another or none holds the claim */
export async function readClaimed(ctx: StageContext): Promise<PartitionRecord> {
	const record = await ctx.metadata.readControl(ctx.partition);
	return claimed(ctx, record);
}

/**
 * Changes the claimed record, conditional on its version; undefined leaves it.
 *
 * @param known the record as this stage has read or written it before, which saves reading it again
 * @returns the record as it is now
 * @throws MigrationConflictError when another migration or none holds the claim
 */
export async function changePartition(
	ctx: StageContext,
	decide: (record: PartitionRecord) => Partial<PartitionChange> | undefined,
	known?: PartitionRecord,
): Promise<PartitionRecord> {
	let current = known ?? (await readClaimed(ctx));
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const change = decide(current);
		if (change === undefined) return current;
		const outcome = await ctx.metadata.replace(changed(current, change, ctx.clock.nowMs()));
		if (outcome.kind === "written") return outcome.record;
		current = claimed(ctx, outcome.current);
	}
	throw new MigrationConflictError("the partition's record keeps changing");
}

/** The next version of a record; optional fields that a change sets to undefined go away. */
export function changed(record: PartitionRecord, change: Partial<PartitionChange>, nowMs: number): PartitionRecord {
	const next = { ...record, ...change, version: record.version + 1, updatedAtMs: nowMs };
	return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as typeof next;
}

/**
 * Makes sure that nobody who read this partition's record before now can claim it for this migration.
 *
 * @returns `claimed` when it has just been claimed after all
 */
export async function forbidClaim(
	{ metadata, clock }: Pick<StageDeps, "metadata" | "clock">,
	{ partition, epoch, migrationId }: Pick<MigrationRecord, "partition" | "epoch" | "migrationId">,
): Promise<"forbidden" | "claimed"> {
	let current = await metadata.readControl(partition);
	for (;;) {
		if (current === undefined || current.epoch > epoch) return "forbidden";
		if (current.migrationId === migrationId) return "claimed";
		const outcome = await metadata.replace(changed(current, {}, clock.nowMs()));
		if (outcome.kind === "written") return "forbidden";
		current = outcome.current;
	}
}

function claimed(ctx: StageContext, record: PartitionRecord | undefined): PartitionRecord {
	if (record !== undefined && record.migrationId === ctx.migration.migrationId) return record;
	throw new MigrationConflictError(`${ctx.partition} is claimed by ${record?.migrationId ?? "nobody"}`, {
		partition: ctx.partition,
		migrationId: ctx.migration.migrationId,
	});
}
