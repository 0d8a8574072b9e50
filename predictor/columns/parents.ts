import { parentKey, parentOf } from "#domain/prediction/parent.ts";

/** The parents of partitions as numbers. */
export interface Parents {
	/** By partition. */
	readonly of: Int32Array;
	readonly size: number;
	/** Of partitions whose parent is everybody; -1 where there is none. */
	readonly everybody: number;
}

/** Numbers the parents in the order in which they occur. */
export function numberParents(partitions: readonly string[]): Parents {
	const known = new Map<string | undefined, number>();
	const of = Int32Array.from(partitions, (partition) => {
		const key = parentKey(parentOf(partition, undefined));
		const number = known.get(key) ?? known.size;
		known.set(key, number);
		return number;
	});
	return { of, size: known.size, everybody: known.get(undefined) ?? -1 };
}
