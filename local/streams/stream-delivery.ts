import type { RegionId } from "#domain/geography/region-id.ts";
import { mappingsOf, STREAM_MAPPINGS, type StreamMapping } from "#infra/description/event-sources.ts";
import { type TableName, tableName } from "#infra/description/tables.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import { tablesOf } from "#local/engines/create-tables.ts";
import type { EngineClient } from "#local/engines/engine-client.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import type { DurableState } from "#local/state/durable-state.ts";
import { Checkpoints } from "#local/streams/checkpoints.ts";
import { StreamFeed } from "#local/streams/stream-feed.ts";
import { StreamReader } from "#local/streams/stream-reader.ts";

export interface StreamDeliveryOptions {
	readonly clock: LocalClock;
	/** `engines.client` */
	readonly engine: Pick<EngineClient, "json">;
	readonly state: DurableState;
	readonly host: LambdaHost;
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly stage: string;
	/** @default STREAM_MAPPINGS */
	readonly mappings?: readonly StreamMapping[];
	readonly log: (line: string) => void;
}

/** The event source mappings of the Lambda service: stream records reach their functions in every region, at least once and in order per item. */
export class StreamDelivery {
	readonly #feeds = new Map<string, StreamFeed[]>();
	#quiet: (() => void)[] = [];

	constructor(options: StreamDeliveryOptions) {
		const { mappings = STREAM_MAPPINGS, regions, stage, engine, ...shared } = options;
		const checkpoints = new Checkpoints(options.state);
		for (const region of regions) {
			for (const mapping of mappingsOf(region, options.controlRegion, mappings).filter(({ table }) =>
				tablesOf(region, options).some(({ name }) => name === table),
			)) {
				const table = tableName(stage, mapping.table);
				const reader = new StreamReader(engine, region, table);
				const feed = new StreamFeed({ ...shared, checkpoints, reader, region, table, mapping, onQuiet: () => this.#tellQuiet() });
				const key = keyOf(region, mapping.table);
				this.#feeds.set(key, [...(this.#feeds.get(key) ?? []), feed]);
			}
		}
	}

	/** Goes on from the checkpoints. */
	start(): void {
		for (const feed of this.#all()) feed.wake();
	}

	/** Deliveries under way finish; what was not delivered stays for the next start. */
	async stop(): Promise<void> {
		await Promise.all(this.#all().map((feed) => feed.stop()));
	}

	/** A write to the table in this region has happened. Cheap. */
	notify(region: RegionId, table: TableName): void {
		for (const feed of this.#feeds.get(keyOf(region, table)) ?? []) feed.wake();
	}

	/** Feeds that are delivering, or about to look for something to deliver. */
	pending(): number {
		return this.#all().filter((feed) => feed.busy).length;
	}

	/** Resolves once every write that `notify` was told of has been delivered. */
	drained(): Promise<void> {
		return this.pending() === 0 ? Promise.resolve() : new Promise((resolve) => this.#quiet.push(resolve));
	}

	#all(): readonly StreamFeed[] {
		return [...this.#feeds.values()].flat();
	}

	#tellQuiet(): void {
		if (this.pending() === 0) for (const resolve of this.#quiet.splice(0)) resolve();
	}
}

const keyOf = (region: RegionId, table: TableName): string => `${region} ${table}`;
