import { columnsOf } from "#cli/display/columns-of.ts";
import { renderLive, renderProgress } from "#cli/display/render-live.ts";
import type { Snapshot } from "#cli/display/snapshot.ts";

/** Where progress goes. */
export interface Display {
	/** Shows the state of a run; `snapshot` is called only when something is drawn. */
	start(snapshot: () => Snapshot): void;
	/** Says something once, above the live view. */
	say(text: string): void;
	/** Draws for the last time. Idempotent. */
	stop(): void;
}

type Output = Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };

const LIVE_EVERY_MS = 250;
const LINE_EVERY_MS = 10_000;

/** A live view for a terminal, else a line every ten seconds. `headless` writes to stderr, so that stdout stays quiet. */
export function createDisplay(headless: boolean, stdout: Output, stderr: Output, env: NodeJS.ProcessEnv): Display {
	if (headless) return new LineDisplay(stderr);
	return stdout.isTTY === true ? new LiveDisplay(stdout, !env["NO_COLOR"] && env["TERM"] !== "dumb") : new LineDisplay(stdout);
}

class LineDisplay implements Display {
	readonly #out: Output;
	#timer: NodeJS.Timeout | undefined;

	constructor(out: Output) {
		this.#out = out;
	}

	start(snapshot: () => Snapshot): void {
		this.#timer = setInterval(() => this.say(renderProgress(snapshot())), LINE_EVERY_MS);
	}

	say(text: string): void {
		this.#out.write(`${text}\n`);
	}

	stop(): void {
		clearInterval(this.#timer);
	}
}

class LiveDisplay implements Display {
	readonly #out: Output;
	readonly #colour: boolean;
	#timer: NodeJS.Timeout | undefined;
	#snapshot: (() => Snapshot) | undefined;
	#drawnLines = 0;

	constructor(out: Output, colour: boolean) {
		this.#out = out;
		this.#colour = colour;
	}

	start(snapshot: () => Snapshot): void {
		this.#snapshot = snapshot;
		this.#timer = setInterval(() => this.#draw(), LIVE_EVERY_MS);
	}

	say(text: string): void {
		this.#out.write(`${this.#erase()}${text}\n`);
	}

	stop(): void {
		if (this.#timer === undefined) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.#draw();
		this.#drawnLines = 0;
	}

	#draw(): void {
		if (this.#snapshot === undefined) return;
		const lines = renderLive(this.#snapshot(), { width: columnsOf(this.#out), colour: this.#colour });
		this.#out.write(`${this.#erase()}${lines.join("\n")}\n`);
		this.#drawnLines = lines.length;
	}

	/** Goes back to the first line drawn and clears from there. */
	#erase(): string {
		const lines = this.#drawnLines;
		this.#drawnLines = 0;
		return lines === 0 ? "" : `\u001b[${lines}F\u001b[J`;
	}
}
