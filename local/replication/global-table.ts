import type { RegionId } from "#domain/geography/region-id.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { EngineReply } from "#local/engines/engine-client.ts";
import type { ItemKey } from "#local/gateway/dynamodb-request.ts";
import type { ForwardWrite } from "#local/gateway/dynamodb-service.ts";
import type { VirtualNetwork } from "#local/network/virtual-network.ts";
import { type EngineItem, type ItemEngine, readItem, storeItem } from "#local/replication/engine-items.ts";
import { RegionalWrites } from "#local/replication/regional-writes.ts";
import { type Held, ReplicaLedger, type Shipment } from "#local/replication/replica-ledger.ts";
import { Shipping } from "#local/replication/shipping.ts";
import { compareWriteTimes } from "#local/replication/write-time.ts";
import type { DurableState } from "#local/state/durable-state.ts";

export interface GlobalTableReplicatorOptions {
	readonly clock: LocalClock;
	readonly network: Pick<VirtualNetwork, "rttMs">;
	/** `engines.client`: replication passes by the gateway. */
	readonly engine: ItemEngine;
	readonly state: DurableState;
	readonly regions: readonly RegionId[];
	/** From a write to its arrival in another region, in ms of the clock. @default 500, "typically within a second" on AWS */
	readonly delayMs?: number;
	readonly log: (line: string) => void;
}

const DEFAULT_DELAY_MS = 500;

/**
 * Global tables with multi-region eventual consistency: a write is done once its own region has it, conditions see that
 * region's copy only, and it reaches the others after a delay; per item the last writer wins. A shipment carries the item as it
 * is when it leaves, while its region is still, so that time and content belong together.
 */
export class GlobalTableReplicator {
	readonly #options: GlobalTableReplicatorOptions;
	readonly #ledger: ReplicaLedger;
	readonly #shipping: Shipping;
	readonly #writes: ReadonlyMap<RegionId, RegionalWrites>;
	readonly #delaysMs = new Map<RegionId, number>();

	constructor(options: GlobalTableReplicatorOptions) {
		const { clock, engine, regions, log, delayMs = DEFAULT_DELAY_MS } = options;
		const ledger = new ReplicaLedger(options.state);
		const delayMsTo = (region: RegionId): number => this.#delaysMs.get(region) ?? delayMs;
		const shipping = new Shipping({ clock, ledger, regions, delayMsTo, deliver: (shipment) => this.#deliver(shipment) });
		const doubts = ledger.doubts();
		const writesOf = (region: RegionId): RegionalWrites =>
			new RegionalWrites(
				{
					clock,
					engine,
					ledger,
					region,
					log,
					plan: (source, key) => shipping.plan(source, key),
					ship: (shipments) => {
						for (const shipment of shipments) shipping.schedule(shipment);
					},
				},
				doubts.filter((doubt) => doubt.region === region),
			);
		this.#options = options;
		this.#ledger = ledger;
		this.#shipping = shipping;
		this.#writes = new Map(regions.map((region) => [region, writesOf(region)]));
	}

	/** Settles what an earlier run left doubtful and goes on with its shipments. Call before any write. @throws EngineLostError */
	async start(): Promise<void> {
		for (const shipment of this.#ledger.shipments()) this.#shipping.schedule(shipment);
		await Promise.all([...this.#writes.values()].map((writes) => writes.still(async () => {})));
	}

	/** Shipments under way stay recorded for the next start. Idempotent. */
	async stop(): Promise<void> {
		for (const writes of this.#writes.values()) writes.stop();
		await this.#shipping.stop();
	}

	/** Shipments that have not arrived everywhere. */
	pending(): number {
		return this.#shipping.pending;
	}

	/** Resolves once every accepted write has reached every region. */
	drained(): Promise<void> {
		return this.#shipping.drained();
	}

	/** A fault: from now on writes take `seconds` to arrive in `region`. */
	delay(region: RegionId | "*", seconds: number): void {
		for (const each of region === "*" ? this.#options.regions : [region]) this.#delaysMs.set(each, seconds * 1000);
	}

	/** Ends all faults. */
	heal(): void {
		this.#delaysMs.clear();
	}

	/** Surrounds a write to global tables; one at a time a region. @throws what `forward` throws, EngineLostError */
	write(region: RegionId, keys: readonly ItemKey[], forward: ForwardWrite): Promise<EngineReply> {
		return this.#in(region).write(keys, forward);
	}

	#in(region: RegionId): RegionalWrites {
		const writes = this.#writes.get(region);
		if (writes === undefined) throw new RangeError(`${region} is not deployed`);
		return writes;
	}

	/** The regions that could not be reached. */
	async #deliver({ source, key, to }: Shipment): Promise<readonly RegionId[]> {
		const reachable = to.filter((region) => Number.isFinite(this.#options.network.rttMs(source, region)));
		const cut = to.filter((region) => !reachable.includes(region));
		if (reachable.length === 0) return to;
		const left = await unlessUnavailable(
			this.#in(source).still(async () => ({
				held: this.#ledger.held(source, key),
				item: await readItem(this.#options.engine, source, key),
			})),
		);
		if (left === undefined) return to;
		if (left.held === undefined) return [];
		const { held, item } = left;
		const arrivals = await Promise.all(reachable.map((region) => unlessUnavailable(this.#arrive(region, key, held, item))));
		return [...cut, ...reachable.filter((_, index) => arrivals[index] === undefined)];
	}

	async #arrive(region: RegionId, key: ItemKey, held: Held, item: EngineItem | undefined): Promise<"stored" | "older"> {
		return this.#in(region).still(async () => {
			const here = this.#ledger.held(region, key);
			if (here !== undefined && compareWriteTimes(here.time, held.time) >= 0) return "older";
			await storeItem(this.#options.engine, region, key, item);
			this.#ledger.write([{ kind: "held", region, key, held }]);
			return "stored";
		});
	}
}

async function unlessUnavailable<T>(work: Promise<T>): Promise<T | undefined> {
	try {
		return await work;
	} catch (error) {
		if (error instanceof OperatingError && error.retryable) return undefined;
		throw error;
	}
}
