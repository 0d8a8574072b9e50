import { parentKey, parentOf } from "#domain/prediction/parent.ts";

/** The number of everybody, the parent of whom has no other. */
export const EVERYBODY = 0;

/** The parents of partitions as numbers. */
export interface Parents {
	readonly size: number;
	/** By number; everybody has none. */
	readonly keys: readonly (string | undefined)[];
	/** By partition; -1 where it is that of the segment. */
	readonly named: Int32Array;
	/** The parent that a segment is to partitions whose name has none, by segment. */
	readonly ofSegment: Int32Array;
}

/** Numbers the parents in the order in which they occur; everybody is 0. @param segments the first is "" */
export function numberParents(partitions: readonly string[], segments: readonly string[]): Parents {
	const known = new Map<string, number>();
	const numberOf = (key: string): number => {
		const number = known.get(key) ?? known.size + 1;
		known.set(key, number);
		return number;
	};
	const named = Int32Array.from(partitions, (partition) => {
		const key = parentKey(parentOf(partition, undefined));
		return key === undefined ? -1 : numberOf(key);
	});
	const ofSegment = Int32Array.from(segments, (segment) => {
		const key = parentKey(parentOf("", segment));
		return key === undefined ? EVERYBODY : numberOf(key);
	});
	return { size: known.size + 1, keys: [undefined, ...known.keys()], named, ofSegment };
}
