import type { RegionId } from "#domain/geography/region-id.ts";
import type { CopyContext } from "#domain/migration/stage-context.ts";
import type { CopyEvent, MigrationStore } from "#domain/ports/migration-store.ts";

type Context = Pick<CopyContext, "clock" | "partition"> & {
	readonly migrations: Pick<MigrationStore, "noteCopy">;
	readonly migration: Pick<CopyContext["migration"], "migrationId">;
};

/** Writes into the audit that a copy may exist from here on, or is gone, because of what holds the context. */
export const noteCopy = (
	{ migrations, migration, partition, clock }: Context,
	region: RegionId,
	event: CopyEvent["event"],
): Promise<void> => migrations.noteCopy({ partition, region, event, cause: migration.migrationId, atMs: clock.nowMs() });
