/** How often one caller needed one action on one resource. */
export interface CallCount {
	/** Name of the caller the access key was issued to; `outside` for keys that were not issued. */
	readonly caller: string;
	/** The region the caller runs in; the called one for keys that were not issued. */
	readonly from: string;
	/** `<service>:<Action>` as policies write it. */
	readonly action: string;
	/** As the caller's role names it, so that what has a name of its own each time is counted together; else as it was asked for. */
	readonly resource: string;
	/** Whether the caller's role allows it. */
	readonly allowed: boolean;
	readonly count: number;
}

/** Counts calls by what a permission has to name. */
export class CallLog {
	readonly #counts = new Map<string, CallCount & { count: number }>();

	/** @returns whether it is the first of its kind */
	note(call: Omit<CallCount, "count">): boolean {
		const key = `${call.caller}\n${call.from}\n${call.action}\n${call.resource}`;
		const known = this.#counts.get(key);
		if (known === undefined) this.#counts.set(key, { ...call, count: 1 });
		else known.count += 1;
		return known === undefined;
	}

	/** In the order of the first call of each. */
	counts(): readonly CallCount[] {
		return [...this.#counts.values()].map((one) => ({ ...one }));
	}
}
