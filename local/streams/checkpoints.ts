import type { RegionId } from "#domain/geography/region-id.ts";
import { STREAM_MAPPINGS, type StreamMapping } from "#infra/description/event-sources.ts";
import type { TableName } from "#infra/description/tables.ts";
import type { DurableState, KeySpace } from "#local/state/durable-state.ts";

const SPACE = "streams.checkpoints";

/** Up to which record of a shard a function is done, for good. */
export class Checkpoints {
	readonly #space: KeySpace<string>;

	constructor(state: DurableState) {
		this.#space = state.space<string>(SPACE);
	}

	/** A sequence number; undefined before the first record. */
	get(region: RegionId, mapping: StreamMapping, shard: string): string | undefined {
		return this.#space.get(keyOf(region, mapping, shard));
	}

	set(region: RegionId, mapping: StreamMapping, shard: string, sequenceNumber: string): void {
		this.#space.set(keyOf(region, mapping, shard), sequenceNumber);
	}

	/** Up to where all functions of a table's stream are done; undefined when one of them has not begun, or the stream has several shards. */
	consumed(region: RegionId, table: TableName): number | undefined {
		const done = STREAM_MAPPINGS.filter((mapping) => mapping.table === table).map((mapping) => {
			const shards = this.#space.entries().filter(([key]) => key.startsWith(prefixOf(region, mapping)));
			return shards.length === 1 ? Number(shards[0]?.[1]) : Number.NaN;
		});
		const least = Math.min(...done);
		return Number.isFinite(least) ? least : undefined;
	}
}

const prefixOf = (region: RegionId, mapping: StreamMapping): string => `${region} ${mapping.table} ${mapping.function} `;
const keyOf = (region: RegionId, mapping: StreamMapping, shard: string): string => `${prefixOf(region, mapping)}${shard}`;
