import type { RegionId } from "#domain/geography/region-id.ts";
import type { StreamMapping } from "#infra/description/event-sources.ts";
import { KEY } from "#infra/description/tables.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { batchOutcome } from "#local/streams/batch-outcome.ts";
import type { Checkpoints } from "#local/streams/checkpoints.ts";
import { streamEvent } from "#local/streams/stream-event.ts";
import type { EngineRecord, StreamReader } from "#local/streams/stream-reader.ts";

export interface StreamFeedOptions {
	readonly clock: LocalClock;
	readonly host: LambdaHost;
	readonly checkpoints: Checkpoints;
	readonly reader: StreamReader;
	readonly region: RegionId;
	/** Full table name. */
	readonly table: string;
	readonly mapping: StreamMapping;
	readonly log: (line: string) => void;
	/** Told when the feed has nothing more to do for now. */
	readonly onQuiet: () => void;
}

/** From a write to the poll that finds it, in ms of the clock: as often as the Lambda service polls a shard (four times a second). */
const POLL_DELAY_MS = 250;
/** Pauses after failures in a row, in ms of the clock: doubling from the first to the last. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/** Feeds one function in one region from one table's stream: at least once, in order, nothing skipped. Polls only after writes. */
export class StreamFeed {
	readonly #options: StreamFeedOptions;
	#cancel: (() => void) | undefined;
	#polling: Promise<void> | undefined;
	#wokenMeanwhile = false;
	#failures = 0;
	#stopped = false;

	constructor(options: StreamFeedOptions) {
		this.#options = options;
	}

	get busy(): boolean {
		return this.#cancel !== undefined || this.#polling !== undefined;
	}

	/** There may be something to read. */
	wake(): void {
		if (this.#polling !== undefined) this.#wokenMeanwhile = true;
		else if (this.#cancel === undefined) this.#pollIn(POLL_DELAY_MS);
	}

	/** Lets a delivery under way finish. */
	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancel?.();
		this.#cancel = undefined;
		await this.#polling;
		this.#options.onQuiet();
	}

	#pollIn(ms: number): void {
		if (this.#stopped) return;
		const { clock, region, mapping } = this.#options;
		this.#cancel = clock.at(clock.nowMs() + ms, `stream of ${mapping.table} at ${region}`, (activity) => {
			this.#cancel = undefined;
			this.#polling = this.#poll(activity);
			return this.#polling;
		});
	}

	async #poll(activity: Activity): Promise<void> {
		const complete = await this.#deliverAll(activity).catch((error: unknown) => this.#failed(String(error)));
		this.#polling = undefined;
		if (!complete) this.#pollIn(Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS));
		else if (this.#wokenMeanwhile) this.#pollIn(POLL_DELAY_MS);
		this.#wokenMeanwhile = false;
		if (!this.busy) this.#options.onQuiet();
	}

	#failed(reason: string): false {
		this.#failures += 1;
		const { log, mapping, region } = this.#options;
		log(`${mapping.function} at ${region} did not take its stream records (failure ${this.#failures} in a row): ${reason}`);
		return false;
	}

	/** Whether everything was delivered. */
	async #deliverAll(activity: Activity): Promise<boolean> {
		const { reader, region, mapping, checkpoints } = this.#options;
		for (const shard of await reader.shards()) {
			for (;;) {
				if (this.#stopped) return true;
				const records = await reader.read(shard, checkpoints.get(region, mapping, shard), mapping.batchSize);
				if (records.length > 0 && !(await this.#deliver(records, shard, activity))) return false;
				if (records.length < mapping.batchSize) break;
			}
		}
		return true;
	}

	/** Whether the whole batch was taken. The checkpoint moves only over what was. */
	async #deliver(records: readonly EngineRecord[], shard: string, activity: Activity): Promise<boolean> {
		const { host, region, table, mapping, clock, checkpoints } = this.#options;
		const wanted = records.filter((record) => record.dynamodb.Keys[KEY.sortKey]?.S?.startsWith(mapping.sortKeyPrefix));
		const done = (last: EngineRecord | undefined): void => {
			if (last !== undefined) checkpoints.set(region, mapping, shard, last.dynamodb.SequenceNumber);
		};
		if (wanted.length > 0) {
			const event = streamEvent(wanted, { region, table, shard }, clock.nowMs());
			const answer = await host.invoke({ function: mapping.function, region, event, activity });
			const outcome = batchOutcome(
				answer,
				wanted.map((record) => record.dynamodb.SequenceNumber),
			);
			if (outcome.kind === "failed") return this.#failed(outcome.reason);
			if (outcome.kind === "failed-from") {
				const failedAt = records.findIndex((record) => record.dynamodb.SequenceNumber === outcome.sequenceNumber);
				done(records[failedAt - 1]);
				return this.#failed(`from record ${outcome.sequenceNumber} on`);
			}
		}
		this.#failures = 0;
		done(records.at(-1));
		return true;
	}
}
