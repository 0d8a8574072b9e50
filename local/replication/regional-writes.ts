import type { RegionId } from "#domain/geography/region-id.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import { EngineLostError, type EngineReply } from "#local/engines/engine-client.ts";
import type { ItemKey } from "#local/gateway/dynamodb-request.ts";
import { fingerprint, type ItemEngine, readItem } from "#local/replication/engine-items.ts";
import { type Doubt, type LedgerChange, nameOf, type ReplicaLedger, type Shipment } from "#local/replication/replica-ledger.ts";
import { SerialLock } from "#local/replication/serial-lock.ts";
import { nextWriteTime } from "#local/replication/write-time.ts";

export interface RegionalWritesOptions {
	readonly clock: LocalClock;
	readonly engine: ItemEngine;
	readonly ledger: ReplicaLedger;
	readonly region: RegionId;
	/** What has to be shipped after a write of `key`; recorded together with the write's time. */
	readonly plan: (source: RegionId, key: ItemKey) => readonly Shipment[];
	/** Told once the shipments are recorded. */
	readonly ship: (shipments: readonly Shipment[]) => void;
	readonly log: (line: string) => void;
}

/** How long a write stays doubtful, in ms of the clock, before the engine is asked again. */
const SETTLE_AGAIN_MS = 1000;

/**
 * The writes of one region, one at a time. A write is noted as doubtful before it is sent on and is either accepted or dropped
 * afterwards. What a crash or a lost engine left doubtful is settled by comparing the item with what the region was known to hold.
 */
export class RegionalWrites {
	readonly #options: RegionalWritesOptions;
	readonly #lock = new SerialLock();
	readonly #doubts = new Map<string, Doubt>();
	#stopped = false;

	constructor(options: RegionalWritesOptions, left: readonly Doubt[]) {
		this.#options = options;
		for (const doubt of left) this.#doubts.set(nameOf(doubt.region, doubt.key), doubt);
	}

	stop(): void {
		this.#stopped = true;
	}

	/** Runs `work` while no write is under way and none is doubtful. @throws EngineLostError while doubts cannot be settled */
	still<T>(work: () => Promise<T>): Promise<T> {
		return this.#lock.run(async () => {
			await this.#settle();
			return work();
		});
	}

	/** @throws what `forward` throws */
	write(keys: readonly ItemKey[], forward: () => Promise<EngineReply>): Promise<EngineReply> {
		return this.still(async () => {
			const doubts = keys.map(
				(key): Doubt => ({
					region: this.#options.region,
					key,
					atMs: this.#options.clock.nowMs(),
					done: false,
				}),
			);
			this.#note(doubts);
			try {
				const reply = await forward();
				if (reply.status === 200) await this.#acceptDone(doubts.map((doubt) => ({ ...doubt, done: true })));
				else if (reply.status < 500) this.#drop(doubts);
				return reply;
			} finally {
				this.#settleLater();
			}
		});
	}

	#note(doubts: readonly Doubt[]): void {
		this.#options.ledger.write(doubts.map((doubt) => ({ kind: "doubt", doubt })));
		for (const doubt of doubts) this.#doubts.set(nameOf(doubt.region, doubt.key), doubt);
	}

	#drop(doubts: readonly Doubt[]): void {
		this.#options.ledger.write(doubts.map((doubt) => ({ kind: "settled", doubt })));
		this.#forget(doubts);
	}

	#forget(doubts: readonly Doubt[]): void {
		for (const doubt of doubts) this.#doubts.delete(nameOf(doubt.region, doubt.key));
	}

	async #acceptDone(doubts: readonly Doubt[]): Promise<void> {
		await this.#accept(doubts);
		if (this.#doubts.size > 0) this.#note(doubts);
	}

	/** Gives the writes their time and sends them on their way; an engine that is lost meanwhile leaves them doubtful. */
	async #accept(doubts: readonly Doubt[]): Promise<void> {
		try {
			const changes = (await Promise.all(doubts.map((doubt) => this.#changesFor(doubt)))).flat();
			this.#options.ledger.write(changes);
			this.#forget(doubts);
			this.#options.ship(changes.flatMap((change) => (change.kind === "ship" ? [change.shipment] : [])));
		} catch (error) {
			if (!(error instanceof OperatingError && error.retryable)) throw error;
		}
	}

	async #changesFor(doubt: Doubt): Promise<readonly LedgerChange[]> {
		const { engine, ledger, plan } = this.#options;
		const { region, key, atMs } = doubt;
		const print = fingerprint(await readItem(engine, region, key));
		const before = ledger.held(region, key);
		const settled: LedgerChange = { kind: "settled", doubt };
		if (!doubt.done && print === (before?.print ?? ABSENT)) return [settled];
		const held = { time: nextWriteTime(atMs, region, before?.time), print };
		const ships = plan(region, key).map((shipment): LedgerChange => ({ kind: "ship", shipment }));
		return [settled, { kind: "held", region, key, held }, ...ships];
	}

	/** Within the lock. @throws EngineLostError while the engine stays away */
	async #settle(): Promise<void> {
		if (this.#doubts.size === 0) return;
		await this.#accept([...this.#doubts.values()]);
		if (this.#doubts.size > 0) throw new EngineLostError(this.#options.region, "writes of unknown outcome cannot be settled yet");
	}

	#settleLater(): void {
		const { clock, region, log } = this.#options;
		if (this.#doubts.size === 0 || this.#stopped) return;
		clock.at(clock.nowMs() + SETTLE_AGAIN_MS, `settle writes of ${region}`, async () => {
			if (this.#stopped) return;
			await this.still(async () => {}).catch((error: unknown) => {
				log(`global tables: ${String(error)}`);
				this.#settleLater();
			});
		});
	}
}

const ABSENT = fingerprint(undefined);
