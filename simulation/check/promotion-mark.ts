import { compareVersions, type Version } from "#domain/partition/version.ts";

/** What a key held in the moment a promoted follower took the lead. */
export interface Inherited {
	readonly version: Version;
	/** 0 for a tombstone. */
	readonly value: number;
}

/** A promotion in the order of all calls and answers: from here on the history of an earlier leader counts no more. */
export interface PromotionMark {
	readonly epoch: number;
	readonly position: number;
	/** From here on writes of an earlier leader may be acknowledged: they were allowed to be lost, or its region is open again. */
	staleFrom: number;
	readonly inherited: ReadonlyMap<string, Inherited>;
}

/**
 * Whether promotions, in order, have given a version of a key up: a new leader began with an older one. A later leader that has it brings
 * it back; one that has a newer one does not, for that may never have seen it.
 */
export function givenUp(marks: readonly PromotionMark[], key: string, version: Version): boolean {
	let gone = false;
	for (const { epoch, inherited } of marks) {
		if (epoch <= version.epoch) continue;
		const held = inherited.get(key)?.version;
		const order = held === undefined ? -1 : compareVersions(held, version);
		gone = order < 0 || (gone && order > 0);
	}
	return gone;
}
