import { allocate } from "#domain/placement/allocation/allocate.ts";
import type { ResourceUse } from "#domain/placement/allocation/problem.ts";
import { countBits, type SetTable } from "#domain/placement/sets/set-table.ts";
import type { ReplaySettings } from "#replay/result/replay-result.ts";

/** A set that a partition would go to, and what that saves, in ms x accesses. */
export interface Wish {
	readonly set: number;
	readonly gainMs: number;
}

/** What regions and hours allow, shared out among the partitions that want it: by price, not in order. */
export class Rationing {
	readonly #table: SetTable;
	/** Copies that a region may hold, and holds. */
	readonly #capacity: Float64Array;
	readonly #held: Float64Array;
	readonly #copiesPerHour: number;
	readonly #partitions: number[] = [];
	readonly #presents: number[] = [];
	readonly #wishes: (readonly Wish[])[] = [];

	constructor(table: SetTable, { regions, capacity, copiesPerHour }: ReplaySettings) {
		this.#table = table;
		this.#capacity = Float64Array.from(regions, (region) => capacity?.[region] ?? Number.POSITIVE_INFINITY);
		this.#held = new Float64Array(table.regions);
		this.#copiesPerHour = copiesPerHour ?? Number.POSITIVE_INFINITY;
	}

	static isNeeded = ({ capacity, copiesPerHour }: ReplaySettings): boolean => capacity !== undefined || copiesPerHour !== undefined;

	/** A partition has appeared: its first copies are there, whatever room there is. */
	appear(set: number): void {
		this.#count(this.#table.masks[set] ?? 0, 1);
	}

	/** @param wishes the best first */
	wish(partition: number, present: number, wishes: readonly Wish[]): void {
		this.#partitions.push(partition);
		this.#presents.push(present);
		this.#wishes.push(wishes);
	}

	/** Calls back for every partition that wished in this hour, with its present set or the one it gets. Copies that leave make room in the next hour. */
	grant(settle: (partition: number, set: number) => void): void {
		if (this.#partitions.length === 0) return;
		const { chosen } = allocate({ limits: this.#limits(), items: this.#wishes.map((wishes, index) => this.#options(index, wishes)) });
		chosen.forEach((option, index) => {
			const present = this.#presents[index] ?? 0;
			const set = this.#wishes[index]?.[option - 1]?.set ?? present;
			this.#count(this.#table.masks[present] ?? 0, -1);
			this.#count(this.#table.masks[set] ?? 0, 1);
			settle(this.#partitions[index] ?? 0, set);
		});
		this.#partitions.length = 0;
		this.#presents.length = 0;
		this.#wishes.length = 0;
	}

	/** Room by region, then copies an hour; what has no limit has room for all. */
	#limits(): readonly number[] {
		const all = this.#partitions.length * this.#table.copies;
		const room = Array.from(this.#capacity, (capacity, region) => Math.min(all, Math.max(0, capacity - (this.#held[region] ?? 0))));
		return [...room, Math.min(all, this.#copiesPerHour)];
	}

	#options(index: number, wishes: readonly Wish[]): readonly { readonly costMs: number; readonly uses: readonly ResourceUse[] }[] {
		const present = this.#table.masks[this.#presents[index] ?? 0] ?? 0;
		const moves = wishes.map(({ set, gainMs }) => {
			const added = (this.#table.masks[set] ?? 0) & ~present;
			const uses: ResourceUse[] = [{ resource: this.#table.regions, amount: countBits(added) }];
			for (let region = 0; region < this.#table.regions; region += 1)
				if ((added & (1 << region)) !== 0) uses.push({ resource: region, amount: 1 });
			return { costMs: -gainMs, uses };
		});
		return [{ costMs: 0, uses: [] }, ...moves];
	}

	#count(mask: number, times: number): void {
		for (let region = 0; region < this.#table.regions; region += 1)
			if ((mask & (1 << region)) !== 0) this.#held[region] = (this.#held[region] ?? 0) + times;
	}
}
