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

/** The window under delivery: what its calls have passed on, and how many of the waiting records they have had. */
interface OpenWindow {
	state: unknown;
	delivered: number;
}

const WINDOW_MS = ACCESS_LOG_MAPPING.tumblingWindowSeconds * 1000;
const BATCHING_MS = ACCESS_LOG_MAPPING.batchingWindowSeconds * 1000;
const SHARD = "shardId-000000000000";
const RETRY_MS = 1000;

/**
 * CloudFront real-time logs -> Kinesis -> the counting function, as one shard with tumbling windows: what has come in is delivered
 * a batching window later, batches inside a window pass their state on, the last call of the window is final. At least once: a window
 * that fails is delivered again from its beginning.
 */
export class AccessLogDelivery {
	readonly #options: AccessLogDeliveryOptions;
	#pending: PendingRecord[] = [];
	#sequence = 0;
	#armedForMs: number | undefined;
	#cancel: (() => void) | undefined;
	#open: OpenWindow = { state: {}, delivered: 0 };
	#cancelBatch: (() => void) | undefined;
	/** Deliveries of one shard never overlap. */
	#turn: Promise<unknown> = Promise.resolve();

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
		this.#armBatch(record.arrivedMs);
	}

	pending(): number {
		return this.#pending.length;
	}

	stop(): void {
		this.#cancel?.();
		this.#cancelBatch?.();
	}

	#arm(arrivedMs: number): void {
		if (this.#armedForMs !== undefined) return;
		const endMs = (Math.floor(arrivedMs / WINDOW_MS) + 1) * WINDOW_MS;
		this.#armedForMs = endMs;
		this.#schedule(endMs, endMs);
	}

	/** Delivers inside the window what has come in, so that whoever waits for it need not wait for the window's end. */
	#armBatch(nowMs: number): void {
		const endMs = this.#armedForMs;
		if (this.#cancelBatch !== undefined || endMs === undefined || nowMs + BATCHING_MS >= endMs) return;
		this.#cancelBatch = this.#options.clock.at(nowMs + BATCHING_MS, "access log batch", async (activity) => {
			this.#cancelBatch = undefined;
			await this.#inTurn(() => this.#deliverBatches(endMs, activity));
		});
	}

	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#turn.then(work);
		this.#turn = result.catch(() => undefined);
		return result;
	}

	#schedule(atMs: number, windowEndMs: number): void {
		const { clock, log } = this.#options;
		this.#cancel = clock.at(atMs, "access log window", async (activity) => {
			const failure = await this.#inTurn(() => this.#deliver(windowEndMs, activity));
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
		const failure = (await this.#deliverBatches(windowEndMs, activity)) ?? (await this.#finish(windowEndMs, activity));
		if (failure === undefined) this.#pending = this.#pending.filter((record) => record.arrivedMs >= windowEndMs);
		this.#open = { state: {}, delivered: 0 };
		return failure;
	}

	async #finish(windowEndMs: number, activity: Activity): Promise<string | undefined> {
		const final = await this.#invoke([], windowEndMs, this.#open.state, true, activity);
		if (!final.ok) return final.errorMessage;
		for (const record of this.#pending) if (record.arrivedMs < windowEndMs) this.#options.space.delete(sequenceKey(record.sequence));
		return undefined;
	}

	/** What has come in of the window and has not been delivered. A batch that fails is left for the next call. */
	async #deliverBatches(windowEndMs: number, activity: Activity): Promise<string | undefined> {
		// the window may have been finished while this waited for its turn
		if (this.#armedForMs !== windowEndMs) return undefined;
		const due = this.#pending.filter((record) => record.arrivedMs < windowEndMs);
		while (this.#open.delivered < due.length) {
			const batch = due.slice(this.#open.delivered, this.#open.delivered + ACCESS_LOG_MAPPING.batchSize);
			const outcome = await this.#invoke(batch, windowEndMs, this.#open.state, false, activity);
			if (!outcome.ok) return outcome.errorMessage;
			const state = (outcome.payload as { state?: unknown } | null)?.state ?? {};
			this.#open = { state, delivered: this.#open.delivered + batch.length };
		}
		return undefined;
	}

	#invoke(records: readonly PendingRecord[], windowEndMs: number, state: unknown, final: boolean, activity: Activity) {
		const window = { start: new Date(windowEndMs - WINDOW_MS).toISOString(), end: new Date(windowEndMs).toISOString() };
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
