import { columnsOf } from "#cli/display/columns-of.ts";
import { formatBar, formatDuration } from "#cli/display/format.ts";

type Output = Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };

const DRAW_MS = 100;
const TELL_MS = 5_000;
const BAR_CELLS = 24;

/** Progress of one long piece of work: a line that is drawn again on a terminal, else a line every five seconds. */
export class ProgressLine {
	readonly #out: Output;
	readonly #nowMs: () => number;
	readonly #startMs: number;
	#saidMs: number;
	#drawn = false;
	#shown: readonly [phase: string, share: number | undefined] | undefined;

	constructor(out: Output, nowMs: () => number = () => performance.now()) {
		this.#out = out;
		this.#nowMs = nowMs;
		this.#startMs = nowMs();
		this.#saidMs = out.isTTY === true ? Number.NEGATIVE_INFINITY : this.#startMs;
	}

	/** `share` 0..1 where it is known. */
	show(phase: string, share?: number): void {
		this.#shown = [phase, share];
		const nowMs = this.#nowMs();
		if (nowMs - this.#saidMs < (this.#out.isTTY === true ? DRAW_MS : TELL_MS)) return;
		this.#saidMs = nowMs;
		const part = share === undefined ? "" : ` ${Math.round(share * 100)} %`;
		const elapsed = formatDuration((nowMs - this.#startMs) / 1000);
		if (this.#out.isTTY !== true) {
			this.#out.write(`${phase}${part}, ${elapsed}\n`);
			return;
		}
		const bar = share === undefined ? "" : `${formatBar(share, BAR_CELLS)} `;
		this.#out.write(`\r\u001b[K${`${bar}${phase}${part}, ${elapsed}`.slice(0, columnsOf(this.#out) - 1)}`);
		this.#drawn = true;
	}

	/** To be called now and then: lets the time go on in a long phase that says nothing. */
	tick(): void {
		if (this.#shown !== undefined) this.show(...this.#shown);
	}

	/** Says something once, above the line. */
	say(text: string): void {
		this.clear();
		this.#out.write(`${text}\n`);
	}

	clear(): void {
		if (this.#drawn) this.#out.write("\r\u001b[K");
		this.#drawn = false;
	}
}
