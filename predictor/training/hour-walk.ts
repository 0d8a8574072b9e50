import { FeatureColumns } from "#predictor/features/feature-columns.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { ExpertColumns } from "#predictor/models/expert-columns.ts";

/** Takes a history into feature columns hour by hour: what is known at an hour is what happened before it. */
export class HourWalk {
	readonly columns: FeatureColumns;
	readonly experts: ExpertColumns;
	/** Partitions accessed in the hours that the last `advance` took in, each once an hour. */
	readonly touched: number[] = [];
	readonly #history: AccessHistory;
	#cell = 0;

	constructor(history: AccessHistory) {
		this.#history = history;
		this.columns = new FeatureColumns(history.partitions, history.regions, history.segments);
		this.experts = new ExpertColumns(this.columns);
	}

	/** Takes in everything before `hour`, not before that of the last call. Experts then forecast from the beginning of `hour`. */
	advance(hour: number): void {
		const { cells } = this.#history;
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

	/** Whether the partition was accessed before: what never was cannot be forecast by its own past. */
	isKnown(partition: number): boolean {
		return (this.columns.own.lastHour[partition] ?? -1) >= 0;
	}
}
