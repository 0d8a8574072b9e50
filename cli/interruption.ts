import { setTimeout } from "node:timers/promises";

/** Signals that ask a run to stop, with the exit code of a run that they cut short (128 + signal). */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_CODES;

/** Signals within this time of the first are the same one: under npm a single Ctrl-C comes from the terminal and from npm. Wall ms. */
const ECHO_MS = 500;

/** Turns the first SIGINT or SIGTERM into a request to stop, the second into an end at once. */
export class Interruption {
	/** Resolves with the first signal. */
	readonly requested: Promise<void>;
	readonly #resolve: () => void;
	#signal: StopSignal | undefined;
	#firstMs = 0;

	constructor(notify: (text: string) => void, force: (code: number) => void) {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.requested = promise;
		this.#resolve = resolve;
		for (const signal of Object.keys(EXIT_CODES) as StopSignal[]) {
			const handle = (): void => {
				if (this.#signal !== undefined) {
					if (performance.now() - this.#firstMs > ECHO_MS) force(EXIT_CODES[signal]);
					return;
				}
				this.#signal = signal;
				this.#firstMs = performance.now();
				notify(`stopping; ${signal === "SIGINT" ? "Ctrl-C" : "the signal"} once more ends at once`);
				this.#resolve();
			};
			process.on(signal, handle);
		}
	}

	get isRequested(): boolean {
		return this.#signal !== undefined;
	}

	/** The exit code of work that was cut short. */
	get exitCode(): number {
		return this.#signal === undefined ? 0 : EXIT_CODES[this.#signal];
	}

	/** Waits until no echo of the signal can come any more: one that met a process on its way out would end it with the wrong code. */
	async outlastEchoes(): Promise<void> {
		if (this.#signal === undefined) return;
		await setTimeout(Math.max(0, this.#firstMs + ECHO_MS - performance.now()));
	}
}
