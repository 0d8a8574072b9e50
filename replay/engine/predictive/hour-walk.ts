import { ExpertColumns } from "#predictor/columns/expert-columns.ts";
import { FeatureColumns } from "#predictor/columns/feature-columns.ts";
import type { Trace } from "#replay/engine/trace.ts";

/** Takes a trace into feature columns hour by hour: what is known at an hour is what happened before it. */
export class HourWalk {
	readonly columns: FeatureColumns;
	readonly experts: ExpertColumns;
	/** Partitions accessed in the hours that the last `advance` took in, each once an hour. */
	readonly touched: number[] = [];
	readonly #trace: Trace;
	#cell = 0;

	constructor(trace: Trace) {
		this.#trace = trace;
		this.columns = new FeatureColumns(trace.partitions, trace.regions.length);
		this.experts = new ExpertColumns(this.columns);
	}

	/** Takes in everything before `hour`, not before that of the last call. Experts then forecast from the beginning of `hour`. */
	advance(hour: number): void {
		const { cells } = this.#trace;
		this.touched.length = 0;
		while (this.#cell < cells.hour.length && (cells.hour[this.#cell] ?? 0) < hour) {
			const at = cells.hour[this.#cell] ?? 0;
			let end = this.#cell;
			for (; end < cells.hour.length && cells.hour[end] === at; end += 1) {
				const partition = cells.partition[end] ?? 0;
				if (end === this.#cell || partition !== cells.partition[end - 1]) this.touched.push(partition);
			}
			this.columns.take(cells, this.#cell, end, at);
			this.#cell = end;
		}
		this.experts.begin(hour);
	}
}
