/** Randomness from outside, so that a seed replays a run. */
export interface Random {
	/** Uniform in [0, 1). */
	next(): number;
	/** A fresh identifier of 26 lower-case letters and digits. */
	id(): string;
}
