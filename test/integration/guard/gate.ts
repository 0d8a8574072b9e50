import { ManualClock } from "#test/__helpers__/manual-clock.ts";

/**
 * Time that stands still while requests are under way: a migration's wait lets those that run end, passes, and lets new ones in. So a
 * test waits for no wall clock, and no request is cut in two by time that it did not take.
 */
export class Gate {
	readonly clock = new ManualClock();
	#inside = 0;
	#closed: Promise<void> | undefined;
	#emptied: (() => void) | undefined;

	/** Runs a request when the gate is open. */
	async pass<T>(work: () => Promise<T>): Promise<T> {
		while (this.#closed !== undefined) await this.#closed;
		this.#inside += 1;
		try {
			return await work();
		} finally {
			this.#inside -= 1;
			if (this.#inside === 0) this.#emptied?.();
		}
	}

	/** A wait of whoever is no request. One at a time. */
	async sleep(ms: number): Promise<void> {
		const open = Promise.withResolvers<void>();
		const empty = Promise.withResolvers<void>();
		this.#closed = open.promise;
		this.#emptied = empty.resolve;
		if (this.#inside > 0) await empty.promise;
		this.clock.advance(Math.max(ms, 0));
		this.#closed = undefined;
		this.#emptied = undefined;
		open.resolve();
	}
}
