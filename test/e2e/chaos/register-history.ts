/** What the register has to hold for an operation to have been answered as it was. Values never repeat; undefined: no item. */
export type Requirement =
	| { readonly kind: "anything" }
	| { readonly kind: "is"; readonly value: string | undefined }
	| { readonly kind: "is-not"; readonly value: string | undefined };

/** One operation on one key. Times are positions in one order of events: an operation that ends before another starts comes before it. */
export interface RegisterOperation {
	/** For people. */
	readonly label: string;
	readonly start: number;
	/** Infinity where no answer told the outcome: it happened at some time since the start, or not at all. */
	readonly end: number;
	readonly requires: Requirement;
	/** Absent: a read. */
	readonly writes?: { readonly value: string | undefined };
}

/** A state that the operations so far can have led to: what the register holds, and which unfinished operations have had their effect. */
interface Configuration {
	readonly value: string | undefined;
	readonly applied: ReadonlySet<RegisterOperation>;
}

/**
 * The first operation whose answer no order of the operations explains; undefined where the history is linearizable. Walks the events
 * and keeps every state that is possible; of two that differ in effects of unknown outcome alone, the one that has used up fewer.
 */
export function findViolation(history: readonly RegisterOperation[]): RegisterOperation | undefined {
	const events = history.flatMap((operation) => [
		{ at: operation.start, operation, ends: false },
		...(operation.end === Number.POSITIVE_INFINITY ? [] : [{ at: operation.end, operation, ends: true }]),
	]);
	events.sort((a, b) => a.at - b.at || Number(a.ends) - Number(b.ends));
	const open = new Set<RegisterOperation>();
	let possible: readonly Configuration[] = [{ value: undefined, applied: new Set() }];
	for (const { operation, ends } of events) {
		if (!ends) {
			open.add(operation);
			continue;
		}
		possible = afterEnd(possible, open, operation);
		open.delete(operation);
		if (possible.length === 0) return operation;
	}
	return undefined;
}

/** The states in which `ended` has had its effect, whatever else took its own before it. */
function afterEnd(
	possible: readonly Configuration[],
	open: ReadonlySet<RegisterOperation>,
	ended: RegisterOperation,
): readonly Configuration[] {
	const reached = new Frontier();
	const queue = possible.filter((configuration) => reached.add(configuration));
	for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
		// A later effect than that of the operation that ended can wait for its own end.
		if (next.applied.has(ended)) continue;
		for (const operation of open) {
			const led = apply(next, operation);
			if (led !== undefined && reached.add(led)) queue.push(led);
		}
	}
	return reached.all().flatMap(({ value, applied }) => {
		if (!applied.has(ended)) return [];
		return [{ value, applied: new Set([...applied].filter((operation) => operation !== ended)) }];
	});
}

function apply({ value, applied }: Configuration, operation: RegisterOperation): Configuration | undefined {
	if (applied.has(operation) || !meets(value, operation.requires)) return undefined;
	return { value: operation.writes === undefined ? value : operation.writes.value, applied: new Set([...applied, operation]) };
}

function meets(value: string | undefined, requirement: Requirement): boolean {
	if (requirement.kind === "anything") return true;
	return (value === requirement.value) === (requirement.kind === "is");
}

/** Configurations of which none is made superfluous by another. */
class Frontier {
	readonly #byState = new Map<string, Configuration[]>();

	/** Whether it is new: none that is here can do all that it can. */
	add(candidate: Configuration): boolean {
		const key = keyOf(candidate);
		const rivals = this.#byState.get(key) ?? [];
		if (rivals.some((rival) => isSubset(unknownOf(rival), unknownOf(candidate)))) return false;
		this.#byState.set(key, [...rivals.filter((rival) => !isSubset(unknownOf(candidate), unknownOf(rival))), candidate]);
		return true;
	}

	all(): readonly Configuration[] {
		return [...this.#byState.values()].flat();
	}
}

const isUnknown = ({ end }: RegisterOperation): boolean => end === Number.POSITIVE_INFINITY;
const unknownOf = ({ applied }: Configuration): ReadonlySet<RegisterOperation> => new Set([...applied].filter(isUnknown));
const isSubset = (a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean => [...a].every((element) => b.has(element));

/** What two configurations must share to be compared: the value, and the effects of operations that will end. */
function keyOf({ value, applied }: Configuration): string {
	const known = [...applied].filter((operation) => !isUnknown(operation)).map(({ start }) => start);
	return `${value ?? ""}|${value === undefined}|${known.sort((a, b) => a - b).join()}`;
}
