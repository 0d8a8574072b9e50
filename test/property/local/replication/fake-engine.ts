import type { RegionId } from "#domain/geography/region-id.ts";
import { EngineLostError } from "#local/engines/engine-client.ts";
import type { EngineItem, ItemEngine } from "#local/replication/engine-items.ts";

interface Input {
	readonly TableName: string;
	readonly Key?: EngineItem;
	readonly Item?: EngineItem;
}

/** Engines of several regions in memory that can be away for a number of calls. */
export class FakeEngine implements ItemEngine {
	readonly #items = new Map<string, EngineItem>();
	readonly #awayFor = new Map<RegionId, number>();

	away(region: RegionId, calls: number): void {
		this.#awayFor.set(region, calls);
	}

	back(): void {
		this.#awayFor.clear();
	}

	peek(region: RegionId, pk: string): EngineItem | undefined {
		return this.#items.get(`${region} ${pk}`);
	}

	put(region: RegionId, pk: string, value: string | undefined): void {
		if (value === undefined) this.#items.delete(`${region} ${pk}`);
		else this.#items.set(`${region} ${pk}`, { pk: { S: pk }, sk: { S: "record" }, value: { S: value } });
	}

	async json<T>(region: RegionId, target: string, input: unknown): Promise<T> {
		// A turn of the event loop, so that concurrent work gets between the steps.
		await new Promise(setImmediate);
		const left = this.#awayFor.get(region) ?? 0;
		if (left > 0) {
			this.#awayFor.set(region, left - 1);
			throw new EngineLostError(region, "away");
		}
		const { Key, Item } = input as Input;
		const id = `${region} ${(((Key ?? Item) as EngineItem)["pk"] as { S: string }).S}`;
		if (target.endsWith("PutItem")) this.#items.set(id, Item as EngineItem);
		if (target.endsWith("DeleteItem")) this.#items.delete(id);
		const found = target.endsWith("GetItem") ? this.#items.get(id) : undefined;
		return (found === undefined ? {} : { Item: found }) as T;
	}
}
