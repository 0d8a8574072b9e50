/** Time from outside. Handlers, stages and the predictor never read the wall clock themselves. */
export interface Clock {
	/** Whole milliseconds since the Unix epoch. */
	nowMs(): number;
	/** Resolves once `ms` milliseconds of this clock have passed; `ms` at or below zero resolves at once. */
	sleep(ms: number): Promise<void>;
}
