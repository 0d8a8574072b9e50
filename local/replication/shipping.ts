import type { RegionId } from "#domain/geography/region-id.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { ItemKey } from "#local/gateway/dynamodb-request.ts";
import { nameOf, type ReplicaLedger, type Shipment } from "#local/replication/replica-ledger.ts";

export interface ShippingOptions {
	readonly clock: LocalClock;
	readonly ledger: ReplicaLedger;
	readonly regions: readonly RegionId[];
	/** From a write to its arrival in the region, in ms of the clock. */
	readonly delayMsTo: (region: RegionId) => number;
	/** Brings the item where it has to go and answers the regions that could not be reached. */
	readonly deliver: (shipment: Shipment) => Promise<readonly RegionId[]>;
}

/** How long a shipment waits, in ms of the clock, before it tries a cut link or a lost engine again. */
const RETRY_MS = 1000;

/** Sends items on their way when they are due, until they have arrived everywhere. */
export class Shipping {
	readonly #options: ShippingOptions;
	/** When the next shipment of an item to the same regions leaves: a write that finds one in time needs none of its own. */
	readonly #nextMs = new Map<string, number>();
	readonly #cancels = new Map<string, () => void>();
	readonly #leaving = new Set<Promise<void>>();
	#drained: (() => void)[] = [];
	#stopped = false;

	constructor(options: ShippingOptions) {
		this.#options = options;
	}

	get pending(): number {
		return this.#cancels.size + this.#leaving.size;
	}

	drained(): Promise<void> {
		return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve));
	}

	/** One shipment a distinct arrival. They leave only after `schedule`. */
	plan(source: RegionId, key: ItemKey): readonly Shipment[] {
		const { clock, regions, delayMsTo, ledger } = this.#options;
		const byDue = Map.groupBy(
			regions.filter((region) => region !== source),
			(region) => clock.nowMs() + delayMsTo(region),
		);
		return [...byDue]
			.map(([dueMs, to]) => ({ source, key, to, dueMs }))
			.filter((plan) => plan.dueMs < (this.#nextMs.get(slotOf(plan)) ?? Number.POSITIVE_INFINITY))
			.map((plan) => ({ id: ledger.nextId(), ...plan }));
	}

	schedule(shipment: Shipment): void {
		if (this.#stopped) return;
		const slot = slotOf(shipment);
		this.#nextMs.set(slot, Math.min(shipment.dueMs, this.#nextMs.get(slot) ?? Number.POSITIVE_INFINITY));
		const cancel = this.#options.clock.at(shipment.dueMs, `replicate ${shipment.key.pk}`, () => {
			this.#cancels.delete(shipment.id);
			if (this.#nextMs.get(slot) === shipment.dueMs) this.#nextMs.delete(slot);
			const leaving = this.#leave(shipment).finally(() => {
				this.#leaving.delete(leaving);
				if (this.pending === 0) for (const resolve of this.#drained.splice(0)) resolve();
			});
			this.#leaving.add(leaving);
			return leaving;
		});
		this.#cancels.set(shipment.id, cancel);
	}

	/** What waits stays recorded; what has left may finish. */
	async stop(): Promise<void> {
		this.#stopped = true;
		for (const cancel of this.#cancels.values()) cancel();
		this.#cancels.clear();
		await Promise.allSettled(this.#leaving);
	}

	async #leave(shipment: Shipment): Promise<void> {
		const { deliver, ledger, clock } = this.#options;
		const left = await deliver(shipment);
		if (left.length === 0) return ledger.write([{ kind: "arrived", shipment }]);
		const again = { ...shipment, to: left, dueMs: clock.nowMs() + RETRY_MS };
		ledger.write([{ kind: "ship", shipment: again }]);
		this.schedule(again);
	}
}

const slotOf = ({ source, key, to }: Pick<Shipment, "source" | "key" | "to">): string => `${nameOf(source, key)}>${to.join()}`;
