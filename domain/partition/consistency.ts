/** What a request asks of a read; the application's choice (docs/internals/consistency.md). */
export const Consistency = {
	/** The leader answers. The default. */
	Linearizable: "linearizable",
	/** A session reads its own writes and never goes back; a copy that has what the session has seen may answer. */
	Session: "session",
	/** Any complete copy answers and states its staleness. */
	Eventual: "eventual",
} as const;
export type Consistency = (typeof Consistency)[keyof typeof Consistency];

/** The consistency that a header value names; undefined for any other text. */
export const consistencyOf = (text: string): Consistency | undefined => Object.values(Consistency).find((known) => known === text);

/** What may be read where another region leads: an item at session or eventual consistency, a list at eventual only. */
export const followerMayAnswer = (consistency: Consistency, reads: "item" | "list" | "nothing"): boolean =>
	(consistency === Consistency.Session && reads === "item") || (consistency === Consistency.Eventual && reads !== "nothing");
