/** How often one caller used one operation on one table. */
export interface CallCount {
	/** Name of the caller the access key was issued to; `outside` for keys that were not issued. */
	readonly caller: string;
	/** The region the caller runs in; the called one for keys that were not issued. */
	readonly from: string;
	readonly service: string;
	readonly operation: string;
	readonly region: string;
	/** Full table name; empty for calls about none. */
	readonly table: string;
	readonly count: number;
}

/** Counts calls by what a permission would have to name. */
export class CallLog {
	readonly #counts = new Map<string, number>();

	note(call: Omit<CallCount, "count">): void {
		const key = `${call.caller}\n${call.from}\n${call.service}\n${call.operation}\n${call.region}\n${call.table}`;
		this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
	}

	/** In the order of the first call of each. */
	counts(): readonly CallCount[] {
		return [...this.#counts].map(([key, count]) => {
			const [caller = "", from = "", service = "", operation = "", region = "", table = ""] = key.split("\n");
			return { caller, from, service, operation, region, table, count };
		});
	}
}
