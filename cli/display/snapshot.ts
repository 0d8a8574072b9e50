import type { Summary } from "#local/workload/admin-client.ts";
import { Counter } from "#local/workload/judge.ts";
import type { Measures } from "#local/workload/measures.ts";
import { measuresOf } from "#local/workload/measures.ts";

/** What is shown while a run goes on. */
export interface Snapshot {
	readonly name: string;
	readonly url: string;
	readonly regions: number;
	/** The cloud's time, ms since the Unix epoch. */
	readonly nowMs: number;
	readonly speed: number;
	/** What is being done: `playing`, `waiting for migrations`, `reading back`. */
	readonly activity: string;
	readonly rows: number;
	readonly totalRows: number | undefined;
	readonly requests: number;
	readonly requestsPerSecond: number;
	readonly etaSeconds: number | undefined;
	readonly errors: number;
	readonly retries: number;
	readonly measures: Measures;
	/** Undefined until the admin API has answered. */
	readonly summary: Summary | undefined;
	/** Moves in words, latest first. */
	readonly moves: readonly string[];
}

/** What of a snapshot comes from outside the counters. */
export type SnapshotContext = Pick<
	Snapshot,
	"name" | "url" | "regions" | "nowMs" | "speed" | "activity" | "totalRows" | "summary" | "moves"
>;

/** Puts a snapshot together from the workload's counters and the speed of late. */
export function takeSnapshot(context: SnapshotContext, counters: ReadonlyMap<string, number>, pace: Pace): Snapshot {
	const at = (name: string): number => counters.get(name) ?? 0;
	const rows = at(Counter.Rows);
	const left = context.totalRows === undefined ? undefined : context.totalRows - rows;
	return {
		...context,
		rows,
		requests: at(Counter.Requests),
		errors: at(Counter.Errors),
		retries: at(Counter.Retries),
		requestsPerSecond: pace.requestsPerSecond,
		etaSeconds: left === undefined || pace.rowsPerSecond <= 0 ? undefined : left / pace.rowsPerSecond,
		measures: measuresOf(counters),
	};
}

/** Speed of the workload, over the last seconds of the wall clock. */
export interface Pace {
	readonly rowsPerSecond: number;
	readonly requestsPerSecond: number;
}

const WINDOW_SECONDS = 10;

/** Follows the workload's speed. */
export class PaceMeter {
	#points: { readonly wallMs: number; readonly rows: number; readonly requests: number }[] = [];

	/** Adds a reading of the counters at a wall instant; the pace since some seconds before. */
	read(wallMs: number, counters: ReadonlyMap<string, number>): Pace {
		this.#points.push({ wallMs, rows: counters.get(Counter.Rows) ?? 0, requests: counters.get(Counter.Requests) ?? 0 });
		while (this.#points.length > 2 && wallMs - (this.#points[0]?.wallMs ?? wallMs) > WINDOW_SECONDS * 1000) this.#points.shift();
		const [first] = this.#points;
		const last = this.#points.at(-1);
		const seconds = first === undefined || last === undefined ? 0 : (last.wallMs - first.wallMs) / 1000;
		if (first === undefined || last === undefined || seconds === 0) return { rowsPerSecond: 0, requestsPerSecond: 0 };
		return { rowsPerSecond: (last.rows - first.rows) / seconds, requestsPerSecond: (last.requests - first.requests) / seconds };
	}
}
