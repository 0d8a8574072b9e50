import type { AccessHistory } from "#predictor/features/history.ts";

/** An access log, counted by hour: everything a replay needs of it. */
export interface Trace extends AccessHistory {
	/** Body bytes of all accesses that name them, and how many do. */
	readonly bytes: { readonly sum: number; readonly accesses: number };
	/** Accesses that the log calls reads and writes; what it says nothing of counts as neither. */
	readonly reads: number;
	readonly writes: number;
	readonly rows: number;
	/** Reason -> rows. */
	readonly rowsSkipped: Readonly<Record<string, number>>;
}
