import type { RegionId } from "#domain/geography/region-id.ts";
import type { ItemKey } from "#local/gateway/dynamodb-request.ts";
import type { WriteTime } from "#local/replication/write-time.ts";
import type { DurableState, KeySpace, StateChange } from "#local/state/durable-state.ts";

/** What a region holds of one item. */
export interface Held {
	readonly time: WriteTime;
	/** Of the item's content. */
	readonly print: string;
}

/** One item on its way from a region to others. */
export interface Shipment {
	readonly id: string;
	readonly source: RegionId;
	readonly key: ItemKey;
	readonly to: readonly RegionId[];
	/** Of the clock. */
	readonly dueMs: number;
}

/** A write that was sent on and has no time yet. */
export interface Doubt {
	readonly region: RegionId;
	readonly key: ItemKey;
	/** When it was sent, of the clock. */
	readonly atMs: number;
	/** Whether the engine said so; else its outcome is not known. */
	readonly done: boolean;
}

const HELD = "replication.held";
const DOUBTS = "replication.doubts";
const SHIPMENTS = "replication.shipments";

/** The durable memory of replication. */
export class ReplicaLedger {
	readonly #state: DurableState;
	readonly #held: KeySpace<Held>;
	#lastId: number;

	constructor(state: DurableState) {
		this.#state = state;
		this.#held = state.space<Held>(HELD);
		this.#lastId = Number(this.shipments().at(-1)?.id ?? 0);
	}

	held(region: RegionId, key: ItemKey): Held | undefined {
		return this.#held.get(nameOf(region, key));
	}

	/** In the order in which they were written. */
	shipments(): readonly Shipment[] {
		return this.#state
			.space<Shipment>(SHIPMENTS)
			.entries()
			.map(([, shipment]) => shipment);
	}

	doubts(): readonly Doubt[] {
		return this.#state
			.space<Doubt>(DOUBTS)
			.entries()
			.map(([, doubt]) => doubt);
	}

	/** Fresh, larger than every id before in byte order. */
	nextId(): string {
		this.#lastId += 1;
		return String(this.#lastId).padStart(15, "0");
	}

	/** All changes or none. */
	write(changes: readonly LedgerChange[]): void {
		this.#state.write(changes.map(toStateChange));
	}
}

export type LedgerChange =
	| { readonly kind: "held"; readonly region: RegionId; readonly key: ItemKey; readonly held: Held }
	| { readonly kind: "doubt"; readonly doubt: Doubt }
	| { readonly kind: "settled"; readonly doubt: Doubt }
	| { readonly kind: "ship"; readonly shipment: Shipment }
	| { readonly kind: "arrived"; readonly shipment: Shipment };

function toStateChange(change: LedgerChange): StateChange {
	switch (change.kind) {
		case "held":
			return { space: HELD, key: nameOf(change.region, change.key), value: change.held };
		case "doubt":
			return { space: DOUBTS, key: nameOf(change.doubt.region, change.doubt.key), value: change.doubt };
		case "settled":
			return { space: DOUBTS, key: nameOf(change.doubt.region, change.doubt.key), value: undefined };
		case "ship":
			return { space: SHIPMENTS, key: change.shipment.id, value: change.shipment };
		case "arrived":
			return { space: SHIPMENTS, key: change.shipment.id, value: undefined };
	}
}

/** One string for an item of a region. */
export const nameOf = (region: RegionId, { table, pk, sk }: ItemKey): string => JSON.stringify([region, table, pk, sk]);
