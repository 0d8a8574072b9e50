/** What is checked: the invariants of the protocol by their numbers, and what a run must not do besides. */
export const Invariant = {
	OneLeader: "1 one leader an epoch",
	NoLoss: "2 no acknowledged write is lost",
	Linearizable: "3 linearizable per key",
	Session: "3 session guarantees",
	Proof: "4 no deletion without proof",
	Residency: "5 residency",
	SameEnd: "6 every run settles in one state",
	NothingLeft: "7 nothing is left behind",
	Freeze: "8 a freeze stops moves",
	Judged: "canaries and soaks are judged",
	Version: "versions never repeat or go back",
	NoFailure: "nothing fails unexpectedly",
} as const;
export type Invariant = (typeof Invariant)[keyof typeof Invariant];

export interface Violation {
	readonly invariant: Invariant;
	readonly detail: string;
}

/** Collects violations; a run goes on after the first, which tells more. */
export class Violations {
	readonly all: Violation[] = [];

	/** Of one kind the first few are enough. */
	add(invariant: Invariant, detail: string): void {
		if (this.all.filter((known) => known.invariant === invariant).length < 3) this.all.push({ invariant, detail });
	}

	expect(holds: boolean, invariant: Invariant, detail: () => string): void {
		if (!holds) this.add(invariant, detail());
	}
}
