export interface TrainingSettings {
	/** Days of accesses without which nothing is trained: what is learnt from, and what it is judged on. Default 16: two weeks, one of them held out, and counts that are warm. */
	readonly minDays: number;
	/** The newest part that is held out for the judgement, as a share of the days, and the days that it has at least and at most. Defaults .25, 7 and 28. */
	readonly heldOutShare: number;
	readonly minHeldOutDays: number;
	readonly maxHeldOutDays: number;
	/** Accesses since the last candidate without which a week passes without one: a model changes little by little. Default 1,000. */
	readonly minNewAccesses: number;
	/** Days that are exported at the first run; counts live as long. Default 400. */
	readonly maxDays: number;
}

export const TRAINING_SETTINGS: TrainingSettings = {
	minDays: 16,
	heldOutShare: 0.25,
	minHeldOutDays: 7,
	maxHeldOutDays: 28,
	minNewAccesses: 1000,
	maxDays: 400,
};

/** Newest days that judge a candidate: the longer the history, the more weeks they span. @param days of accesses */
export const heldOutDaysOf = (days: number, { heldOutShare, minHeldOutDays, maxHeldOutDays }: TrainingSettings): number =>
	Math.min(maxHeldOutDays, Math.max(minHeldOutDays, Math.floor(days * heldOutShare)));
