import type { Clock } from "#domain/ports/clock.ts";

/** Where every run begins: a whole second, so that skewed clocks can be told from it. Milliseconds since the Unix epoch. */
const START_MS = 1_700_000_000_000;

interface Timer {
	readonly atMs: number;
	/** Timers of the same moment fire in the order in which they were set. */
	readonly order: number;
	readonly wake: () => void;
}

/**
 * Virtual time: it stands still while anybody has work to do and then moves to the next timer. No real timer is involved, so a run of
 * hours takes milliseconds and is the same every time.
 */
export class VirtualTime {
	#nowMs = START_MS;
	#order = 0;
	/** A binary heap, the earliest timer first. */
	readonly #heap: Timer[] = [];

	/** May be a fraction; clocks round down. */
	get nowMs(): number {
		return this.#nowMs;
	}

	/** Milliseconds since the run began. */
	get elapsedMs(): number {
		return this.#nowMs - START_MS;
	}

	sleep(ms: number): Promise<void> {
		return new Promise((wake) => this.#push({ atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, wake }));
	}

	/** A clock that is `skewMs` ahead of this time, or behind. */
	clock(skewMs = 0): Clock {
		return { nowMs: () => Math.floor(this.#nowMs + skewMs), sleep: (ms) => this.sleep(ms) };
	}

	/** Lets time pass until `work` has ended. @throws what `work` throws; Error when it waits for something that will not come */
	run<T>(work: () => Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			let ended = false;
			const end = (): void => {
				ended = true;
			};
			work().then(resolve, reject).finally(end);
			const step = (): void => {
				if (ended) return;
				const timer = this.#pop();
				if (timer === undefined) {
					reject(new Error("everybody waits for something that will not come"));
					return;
				}
				this.#nowMs = Math.max(this.#nowMs, timer.atMs);
				timer.wake();
				afterPromises(step);
			};
			afterPromises(step);
		});
	}

	#push(timer: Timer): void {
		const heap = this.#heap;
		let at = heap.length;
		heap.push(timer);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = heap[parent];
			if (above === undefined || !isBefore(timer, above)) break;
			heap[at] = above;
			at = parent;
		}
		heap[at] = timer;
	}

	#pop(): Timer | undefined {
		const heap = this.#heap;
		const [first] = heap;
		const last = heap.pop();
		if (first === undefined || last === undefined || first === last) return first;
		let at = 0;
		for (;;) {
			const child = this.#lesserChild(at);
			const below = heap[child];
			if (below === undefined || !isBefore(below, last)) break;
			heap[at] = below;
			at = child;
		}
		heap[at] = last;
		return first;
	}

	#lesserChild(at: number): number {
		const left = this.#heap[2 * at + 1];
		const right = this.#heap[2 * at + 2];
		return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
	}
}

const isBefore = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A tick set from a microtask runs once every promise that can settle has settled, and without a turn of the event loop. */
const afterPromises = (step: () => void): void => queueMicrotask(() => process.nextTick(step));
