import type { AccessRow } from "#replay/readers/access-row.ts";
import { LogError } from "#replay/readers/log-error.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far a clock may be ahead. */
const MAX_AHEAD_MS = HOUR_MS;
/** A silence is worth a warning from this share of the log on, and from this time on. */
const GAP_SHARE = 0.05;
const LEAST_GAP_MS = 2 * DAY_MS;
const GAPS_KEPT = 3;

interface Gap {
	readonly fromMs: number;
	readonly toMs: number;
}

/** Looks at the rows of a log as they pass: times that cannot be, and silences that forecasts will not see for what they are. */
export class LogWatch {
	readonly #name: string;
	readonly #nowMs: number;
	#firstMs = Number.NaN;
	#lastMs = Number.NaN;
	#future = 0;
	/** The longest ones, longest first. */
	#gaps: readonly Gap[] = [];

	constructor(name: string, nowMs: number) {
		this.#name = name;
		this.#nowMs = nowMs;
	}

	/** The same batches. */
	async *over(batches: AsyncIterable<readonly AccessRow[]>): AsyncGenerator<readonly AccessRow[]> {
		for await (const batch of batches) {
			for (const { tsMs } of batch) this.#see(tsMs);
			yield batch;
		}
	}

	#see(tsMs: number): void {
		if (Number.isNaN(this.#firstMs)) this.#firstMs = tsMs;
		else if (tsMs - this.#lastMs >= LEAST_GAP_MS) this.#keep({ fromMs: this.#lastMs, toMs: tsMs });
		this.#lastMs = tsMs;
		if (tsMs > this.#nowMs + MAX_AHEAD_MS) this.#future += 1;
	}

	#keep(gap: Gap): void {
		const longest = [...this.#gaps, gap].sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
		this.#gaps = longest.slice(0, GAPS_KEPT);
	}

	/** @throws LogError where rows lie in the future */
	check(): void {
		if (this.#future === 0) return;
		const problem = `holds ${this.#future} rows of the future (up to ${minute(this.#lastMs)}, now is ${minute(this.#nowMs)})`;
		throw new LogError("log.future", this.#name, `${problem}; mend the clock or the unit of its times, or leave them out with --to`);
	}

	/** The longest silences, where they are long for this log; a line each. */
	warnings(): readonly string[] {
		const least = (this.#lastMs - this.#firstMs) * GAP_SHARE;
		return this.#gaps
			.filter(({ fromMs, toMs }) => toMs - fromMs >= least)
			.map(
				({ fromMs, toMs }) =>
					`no access for ${((toMs - fromMs) / DAY_MS).toFixed(1)} days, from ${minute(fromMs)} to ${minute(toMs)}: is a part of the log missing?`,
			);
	}
}

const minute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
