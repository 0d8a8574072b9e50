import type { Clock } from "#domain/ports/clock.ts";

/** A clock that moves only when told to, or when someone sleeps on it: a sleep takes no wall time. */
export class ManualClock implements Clock {
	#nowMs: number;

	constructor(startMs = 1_700_000_000_000) {
		this.#nowMs = startMs;
	}

	nowMs(): number {
		return this.#nowMs;
	}

	async sleep(ms: number): Promise<void> {
		this.advance(Math.max(ms, 0));
		await new Promise((resolve) => setImmediate(resolve));
	}

	advance(ms: number): void {
		this.#nowMs += ms;
	}
}
