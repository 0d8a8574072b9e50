import { createBucketScanner } from "#adapters/dynamodb/bucket-scanner.ts";
import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createOrphanStore } from "#adapters/dynamodb/orphan-store.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type FindBudget, type FindReport, findOrphans } from "#domain/orphans/find-orphans.ts";
import type { Orphan } from "#domain/orphans/orphan.ts";
import { type RemovalOutcome, removeOrphan } from "#domain/orphans/remove-orphan.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { OrphanStore } from "#domain/ports/orphan-store.ts";
import type { Runtime } from "#lambdas/shared/runtime.ts";

/** Finding and removing copies that no record explains. */
export interface OrphanWork {
	readonly store: OrphanStore;
	/** Goes on with the walk over all regions, or begins one. */
	find(budget: FindBudget): Promise<FindReport>;
	/** Works until the deadline; the same call goes on. */
	remove(orphan: Pick<Orphan, "region" | "partition">, deadlineMs: number): Promise<RemovalOutcome>;
}

export interface OrphanWorkOptions {
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly dataTable: string;
	readonly decisionsTable: string;
	readonly metadata: MetadataStore;
	readonly migrations: MigrationStore;
	readonly runtime: Runtime;
}

/** The work on the tables of a deployment, one client a region, made when first needed. */
export function createOrphanWork(options: OrphanWorkOptions): OrphanWork {
	const { regions, controlRegion, dataTable, metadata, migrations, runtime } = options;
	const client = createDocumentClient(controlRegion);
	const orphans = createOrphanStore({ client, tableName: options.decisionsTable, ...runtime });
	const stores = createRegionalStores({ tableName: dataTable, regions, ...runtime });
	const scan = createBucketScanner({ tableName: dataTable, ...runtime });
	const { clock } = runtime;
	return {
		store: orphans,
		find: (budget) => findOrphans({ scan, stores, metadata, orphans, regions, clock }, budget),
		remove: (orphan, deadlineMs) => removeOrphan({ stores, metadata, migrations, orphans, clock }, orphan, deadlineMs),
	};
}
