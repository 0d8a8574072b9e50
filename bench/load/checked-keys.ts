/** What is known of one key, written by one client at a time. */
interface Known {
	/** The last value that was acknowledged. */
	acknowledged: string | undefined;
	/** Values whose write came to no known end since: each of them may be there. */
	readonly unknown: Set<string>;
}

/** Judges answers against what was acknowledged: each key is a register, and nobody else writes it meanwhile. */
export class CheckedKeys {
	readonly #keys = new Map<string, Known>();
	readonly wrong: string[] = [];
	/** Answers that could be judged: successes, and reads of what should not be there. */
	judged = 0;
	/** Answers that say "try again", by status. */
	readonly refused = new Map<number, number>();

	/** Before the write is sent. */
	writing(path: string, value: string): void {
		this.#of(path).unknown.add(value);
	}

	written(path: string, value: string, status: number): void {
		if (status >= 500) {
			this.#refuse(status);
			return;
		}
		this.judged += 1;
		if (status !== 200 && status !== 201) {
			this.wrong.push(`PUT ${path}: ${status}`);
			return;
		}
		const known = this.#of(path);
		known.acknowledged = value;
		known.unknown.clear();
	}

	read(path: string, status: number, body: string): void {
		if (status >= 500) {
			this.#refuse(status);
			return;
		}
		this.judged += 1;
		const { acknowledged, unknown } = this.#of(path);
		const right = status === 404 ? acknowledged === undefined : status === 200 && (body === acknowledged || unknown.has(body));
		if (!right) this.wrong.push(`GET ${path}: ${status} ${body.slice(0, 60)}, acknowledged ${acknowledged?.slice(0, 60)}`);
	}

	/** All paths that were ever written. */
	paths(): readonly string[] {
		return [...this.#keys.keys()];
	}

	#of(path: string): Known {
		const known = this.#keys.get(path) ?? { acknowledged: undefined, unknown: new Set() };
		this.#keys.set(path, known);
		return known;
	}

	#refuse(status: number): void {
		this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
	}
}
