import type { RegionId } from "#domain/geography/region-id.ts";
import { ACCESS_LOG_MAPPING } from "#infra/description/event-sources.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";

/** Where records wait durably until they are counted; a part of the durable state fits. */
export interface RecordSpace {
	set(key: string, value: unknown): void;
	delete(key: string): void;
	entries(): Iterable<readonly [string, unknown]>;
}

export interface AccessLogDeliveryOptions {
	readonly clock: LocalClock;
	readonly lambda: LambdaHost;
	readonly controlRegion: RegionId;
	readonly space: RecordSpace;
	readonly log: (line: string) => void;
}

interface PendingRecord {
	readonly sequence: number;
	/** One tab-separated line of real-time log fields. */
	readonly line: string;
	readonly arrivedMs: number;
}

const WINDOW_MS = ACCESS_LOG_MAPPING.tumblingWindowSeconds * 1000;
const SHARD = "shardId-000000000000";
const RETRY_MS = 1000;

/**
 * CloudFront real-time logs -> Kinesis -> the counting function, as one shard with tumbling windows: batches inside a window pass
 * their state on, the last call of the window is final. At least once: a window that fails is delivered again.
 */
export class AccessLogDelivery {
	readonly #options: AccessLogDeliveryOptions;
	#pending: PendingRecord[] = [];
	#sequence = 0;
	#armedForMs: number | undefined;
	#cancel: (() => void) | undefined;

	constructor(options: AccessLogDeliveryOptions) {
		this.#options = options;
		this.#pending = [...options.space.entries()].map(([, value]) => value as PendingRecord).sort((a, b) => a.sequence - b.sequence);
		this.#sequence = this.#pending.at(-1)?.sequence ?? 0;
	}

	/** Delivers what a former run left behind. */
	start(): void {
		const first = this.#pending[0];
		if (first !== undefined) this.#arm(first.arrivedMs);
	}

	/** Takes one record. It is counted after the end of the window it arrived in. */
	accept(line: string): void {
		this.#sequence += 1;
		const record: PendingRecord = { sequence: this.#sequence, line, arrivedMs: this.#options.clock.nowMs() };
		this.#options.space.set(sequenceKey(record.sequence), record);
		this.#pending.push(record);
		this.#arm(record.arrivedMs);
	}

	pending(): number {
		return this.#pending.length;
	}

	stop(): void {
		this.#cancel?.();
	}

	#arm(arrivedMs: number): void {
		if (this.#armedForMs !== undefined) return;
		const endMs = (Math.floor(arrivedMs / WINDOW_MS) + 1) * WINDOW_MS;
		this.#armedForMs = endMs;
		this.#schedule(endMs, endMs);
	}

	#schedule(atMs: number, windowEndMs: number): void {
		const { clock, log } = this.#options;
		this.#cancel = clock.at(atMs, "access log window", async (activity) => {
			const failure = await this.#deliver(windowEndMs, activity);
			if (failure !== undefined) {
				log(`access log window ending ${new Date(windowEndMs).toISOString()} failed, will be delivered again: ${failure}`);
				return this.#schedule(clock.nowMs() + RETRY_MS, windowEndMs);
			}
			this.#armedForMs = undefined;
			const next = this.#pending[0];
			if (next !== undefined) this.#arm(next.arrivedMs);
		});
	}

	/** @returns why the window has to be delivered again, if it has */
	async #deliver(windowEndMs: number, activity: Activity): Promise<string | undefined> {
		const due = this.#pending.filter((record) => record.arrivedMs < windowEndMs);
		const window = { start: new Date(windowEndMs - WINDOW_MS).toISOString(), end: new Date(windowEndMs).toISOString() };
		let state: unknown = {};
		for (let from = 0; from < due.length; from += ACCESS_LOG_MAPPING.batchSize) {
			const batch = due.slice(from, from + ACCESS_LOG_MAPPING.batchSize);
			const outcome = await this.#invoke(batch, window, state, false, activity);
			if (!outcome.ok) return outcome.errorMessage;
			state = (outcome.payload as { state?: unknown } | null)?.state ?? {};
		}
		const final = await this.#invoke([], window, state, true, activity);
		if (!final.ok) return final.errorMessage;
		for (const record of due) this.#options.space.delete(sequenceKey(record.sequence));
		this.#pending = this.#pending.filter((record) => record.arrivedMs >= windowEndMs);
		return undefined;
	}

	#invoke(records: readonly PendingRecord[], window: { start: string; end: string }, state: unknown, final: boolean, activity: Activity) {
		const { controlRegion, lambda } = this.#options;
		const eventSourceARN = `arn:aws:kinesis:${controlRegion}:000000000000:stream/heliotrope-local-accesses`;
		return lambda.invoke({
			function: ACCESS_LOG_MAPPING.function,
			region: controlRegion,
			activity,
			event: {
				Records: records.map((record) => kinesisRecord(record, controlRegion, eventSourceARN)),
				window,
				state,
				shardId: SHARD,
				eventSourceARN,
				isFinalInvokeForWindow: final,
				isWindowTerminatedEarly: false,
			},
		});
	}
}

const sequenceKey = (sequence: number): string => String(sequence).padStart(16, "0");

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
const kinesisRecord = (record: PendingRecord, awsRegion: RegionId, eventSourceARN: string) => ({
	kinesis: {
		kinesisSchemaVersion: "1.0",
		partitionKey: String(record.sequence),
		sequenceNumber: sequenceKey(record.sequence),
		data: Buffer.from(record.line).toString("base64"),
		approximateArrivalTimestamp: record.arrivedMs / 1000,
	},
	eventSource: "aws:kinesis",
	eventVersion: "1.0",
	eventID: `${SHARD}:${sequenceKey(record.sequence)}`,
	eventName: "aws:kinesis:record",
	invokeIdentityArn: "arn:aws:iam::000000000000:role/heliotrope-local-count-accesses",
	awsRegion,
	eventSourceARN,
});
