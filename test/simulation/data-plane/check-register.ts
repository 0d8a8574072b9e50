/** One operation on one key as a client saw it. Times are positions in one total order of events. */
export interface RegisterOperation {
	readonly kind: "read" | "write";
	/** What was written or read; undefined: no item. */
	readonly value: string | undefined;
	readonly start: number;
	/** Infinity when no answer told the outcome: it may have happened at any time since, or not at all. */
	readonly end: number;
}

/** Whether a history of one register is linearizable: some order of the operations respects real time and every read. */
export function isLinearizable(history: readonly RegisterOperation[]): boolean {
	const dead = new Set<string>();
	const search = (left: readonly RegisterOperation[], value: string | undefined): boolean => {
		if (left.every((operation) => operation.end === Number.POSITIVE_INFINITY)) return true;
		const state = `${left.map((operation) => operation.start).join()}|${value}`;
		if (dead.has(state)) return false;
		const firstEnd = Math.min(...left.map((operation) => operation.end));
		for (const next of left.filter((operation) => operation.start <= firstEnd)) {
			const rest = left.filter((operation) => operation !== next);
			if (next.kind === "read" && next.value !== value) continue;
			if (search(rest, next.kind === "write" ? next.value : value)) return true;
		}
		dead.add(state);
		return false;
	};
	return search(history, undefined);
}
