import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationSettings } from "#domain/migration/settings.ts";
import type { Evidence } from "#domain/partition-state/state.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { MigrationStore } from "#domain/ports/migration-store.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import type { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import type { ReplicatedMetadata } from "#simulation/stores/replicated-metadata.ts";
import type { CallerKind } from "#simulation/world/caller.ts";
import type { Crowd } from "#simulation/world/crowd.ts";

/**
 * One rule of the protocol taken away, at a port: production code runs as it is and is lied to by what it stands on. Only for showing
 * that the checks notice.
 */
export interface Weakening {
	readonly settings?: (settings: MigrationSettings) => MigrationSettings;
	/** What a region's table does otherwise for one kind of caller. */
	readonly table?: (
		table: MemoryRegionalStore,
		who: CallerKind,
		tables: ReadonlyMap<RegionId, MemoryRegionalStore>,
	) => Partial<RegionalStore>;
	readonly metadata?: (metadata: ReplicatedMetadata, table: MetadataStore) => Partial<MetadataStore>;
	/** What stages reach of the migration records. */
	readonly migrations?: Partial<MigrationStore>;
	/** Of promotions and the return of lost regions. */
	readonly promoting?: {
		/** The operator's word is taken for every region that does not answer. */
		readonly vouchesForAll?: boolean;
		/** Nothing is set aside. */
		readonly keepsNothing?: boolean;
	};
	/** What telemetry says of how regions have answered. */
	readonly evidence?: (crowd: Crowd) => Evidence;
	/** The clock of data planes. */
	readonly dataClock?: (clock: Clock) => Clock;
}

/** The object with some of its methods replaced. */
export const overriding = <T extends object>(target: T, changes: Partial<T>): T =>
	new Proxy(target, {
		get: (inner, name) => {
			const changed: unknown = Reflect.get(changes, name);
			if (changed !== undefined) return changed;
			const member: unknown = Reflect.get(inner, name, inner);
			return typeof member === "function" ? member.bind(inner) : member;
		},
	});
