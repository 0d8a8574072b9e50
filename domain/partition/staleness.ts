/** What is known of how far a copy has come, in milliseconds since the Unix epoch. */
export interface Freshness {
	/** Up to when the leader's feed has reported itself complete here; undefined when nothing was reported. */
	readonly fedThroughMs: number | undefined;
	/** When the version in hand was written: at that moment it was the newest. Undefined for an answer that is not one item. */
	readonly writtenAtMs?: number | undefined;
}

/**
 * How old an answer may be, in ms: as far as is known, it holds every write that was acknowledged longer ago. Undefined when nothing is
 * known. Clocks of two regions meet here; what they differ by is in it, and it is never negative.
 */
export function stalenessMs({ fedThroughMs, writtenAtMs }: Freshness, nowMs: number): number | undefined {
	const known = [fedThroughMs, writtenAtMs].filter((at) => at !== undefined);
	return known.length === 0 ? undefined : Math.max(0, nowMs - Math.max(...known));
}
