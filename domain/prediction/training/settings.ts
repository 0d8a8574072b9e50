export interface TrainingSettings {
	/** Days of accesses without which nothing is trained: what is learnt from, and what it is judged on. Default 16: two weeks, one of them held out, and counts that are warm. */
	readonly minDays: number;
	/** Newest days that are held out for the judgement. Default 7. */
	readonly heldOutDays: number;
	/** Accesses since the last candidate without which a week passes without one: a model changes little by little. Default 1,000. */
	readonly minNewAccesses: number;
	/** Days that are exported at the first run; counts live as long. Default 400. */
	readonly maxDays: number;
}

export const TRAINING_SETTINGS: TrainingSettings = { minDays: 16, heldOutDays: 7, minNewAccesses: 1000, maxDays: 400 };
