import type { RegisterOperation, Requirement } from "#test/e2e/chaos/register-history.ts";

/** A key of a partition. */
export interface KeyRef {
	readonly partition: string;
	readonly key: string;
}

/** Operations on a key before clients go on to its successor: what the checker has to think about together stays small. */
const OPERATIONS_A_KEY = 70;
const KEYS_AT_ONCE = 4;

const ANYTHING: Requirement = { kind: "anything" };
const idOf = ({ partition, key }: KeyRef): string => `${partition}/${key}`;

/** What clients did and were told, by key, in the one order in which this process saw it. */
export class Histories {
	readonly #operations = new Map<string, RegisterOperation[]>();
	readonly #refs = new Map<string, KeyRef>();
	/** By key: which value an entity tag stands for. */
	readonly #values = new Map<string, Map<string, string>>();
	/** Entries of lists whose tag may become known later. */
	readonly #listed: { readonly ref: KeyRef; readonly etag: string; readonly start: number; readonly end: number }[] = [];
	readonly #generations = new Map<string, number>();
	#events = 0;

	/** The next position in the order of events. */
	tick(): number {
		this.#events += 1;
		return this.#events;
	}

	/** The keys that clients use now. */
	activeKeys(partition: string): readonly KeyRef[] {
		return Array.from({ length: KEYS_AT_ONCE }, (_, slot) => {
			const name = `${partition}/${slot}`;
			const ref = (): KeyRef => ({ partition, key: `key-${slot}-${String(this.#generations.get(name) ?? 0).padStart(4, "0")}` });
			if ((this.#operations.get(idOf(ref()))?.length ?? 0) >= OPERATIONS_A_KEY) {
				this.#generations.set(name, (this.#generations.get(name) ?? 0) + 1);
			}
			return ref();
		});
	}

	add(ref: KeyRef, operation: RegisterOperation): void {
		const id = idOf(ref);
		this.#refs.set(id, ref);
		const operations = this.#operations.get(id);
		if (operations === undefined) this.#operations.set(id, [operation]);
		else operations.push(operation);
	}

	learnTag(ref: KeyRef, etag: string, value: string): void {
		const tags = this.#values.get(idOf(ref)) ?? new Map<string, string>();
		this.#values.set(idOf(ref), tags.set(etag, value));
	}

	addListed(ref: KeyRef, etag: string | undefined, start: number, end: number): void {
		if (etag !== undefined) this.#listed.push({ ref, etag, start, end });
		else this.add(ref, { label: "list without it", start, end, requires: { kind: "is", value: undefined } });
	}

	/** The newest tag that is known of a key, with its value. */
	lastTag(ref: KeyRef): { readonly etag: string; readonly value: string } | undefined {
		const last = [...(this.#values.get(idOf(ref)) ?? [])].at(-1);
		return last === undefined ? undefined : { etag: last[0], value: last[1] };
	}

	/** Every key with its operations; entries of lists whose value nobody ever learned say only that there was one. */
	all(): readonly { readonly ref: KeyRef; readonly operations: readonly RegisterOperation[] }[] {
		const listed = this.#listed.splice(0);
		for (const { ref, etag, start, end } of listed) {
			const value = this.#values.get(idOf(ref))?.get(etag);
			const requires: Requirement = value === undefined ? { kind: "is-not", value: undefined } : { kind: "is", value };
			this.add(ref, { label: `list ${value ?? etag}`, start, end, requires });
		}
		return [...this.#operations].map(([id, operations]) => ({ ref: this.#refs.get(id) ?? { partition: "", key: id }, operations }));
	}
}

/** What an operation asks for, and what its answers mean. `undefined`: nothing can be said about the key. */
export interface Attempt {
	readonly label: string;
	readonly method: "GET" | "PUT" | "DELETE";
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
	/** What the register had to hold, and gets, if it took effect. */
	readonly effect?: { readonly requires: Requirement; readonly writes: { readonly value: string | undefined } };
	/** By status: what the answer says of the register, and whether the effect took place. */
	meaning(status: number, body: string): { readonly requires: Requirement; readonly applied: boolean } | undefined;
}

export const read = (): Attempt => ({
	label: "get",
	method: "GET",
	headers: {},
	meaning: (status, body) => {
		if (status === 200) return { requires: { kind: "is", value: body }, applied: false };
		return status === 404 ? { requires: { kind: "is", value: undefined }, applied: false } : undefined;
	},
});

export function put(value: string): Attempt {
	const effect = { requires: ANYTHING, writes: { value } };
	return {
		label: `put ${value}`,
		method: "PUT",
		headers: {},
		body: value,
		effect,
		meaning: (status) => {
			if (status === 200) return { requires: { kind: "is-not", value: undefined }, applied: true };
			return status === 201 ? { requires: { kind: "is", value: undefined }, applied: true } : undefined;
		},
	};
}

/** A put that needs the key to hold `expected`; undefined: to be free. */
export function putIf(value: string, expected: { readonly etag: string; readonly value: string } | undefined): Attempt {
	const requires: Requirement = { kind: "is", value: expected?.value };
	return {
		label: `put ${value} over ${expected?.value ?? "nothing"}`,
		method: "PUT",
		headers: expected === undefined ? { "if-none-match": "*" } : { "if-match": expected.etag },
		body: value,
		effect: { requires, writes: { value } },
		meaning: (status) => {
			if (status === 200 || status === 201) return { requires, applied: true };
			return status === 412 ? { requires: { kind: "is-not", value: expected?.value }, applied: false } : undefined;
		},
	};
}

export const remove = (): Attempt => ({
	label: "delete",
	method: "DELETE",
	headers: {},
	effect: { requires: ANYTHING, writes: { value: undefined } },
	meaning: (status) => {
		if (status === 204) return { requires: { kind: "is-not", value: undefined }, applied: true };
		return status === 404 ? { requires: { kind: "is", value: undefined }, applied: false } : undefined;
	},
});
