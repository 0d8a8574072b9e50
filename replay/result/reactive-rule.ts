/** A rule that follows what has been: counts that decay, compared as if they went on for ever. */
export interface ReactiveRule {
	/** Half-life in hours (1/ln 2 of the time constant) of the counts that choose the set. */
	readonly setMemoryHours: number;
	/** A set changes when a week's saving exceeds so many times the charge for its new copies. */
	readonly setThreshold: number;
	/** How many standard errors the saving at the nearest copy must be above zero, so that a set changes; 0: not asked for. */
	readonly minZScore: number;
	/** The half-life of the counts that choose the leader. */
	readonly leaderMemoryHours: number;
	/** The leadership changes when a day's saving exceeds so many times the charge for a transfer. */
	readonly leaderThreshold: number;
}

/** A reactive rule in words. */
export function describeReactive(rule: ReactiveRule): string {
	const { setMemoryHours, setThreshold, minZScore, leaderMemoryHours, leaderThreshold } = rule;
	const certainty = minZScore === 0 ? "" : `, z > ${minZScore}`;
	const leader = `leader by ${days(leaderMemoryHours)} (x ${leaderThreshold})`;
	return `follows past accesses: copies by ${days(setMemoryHours)} (x ${setThreshold}${certainty}), ${leader}`;
}

const days = (hours: number): string => (hours < 24 ? `${hours} h` : `${hours / 24} d`);
