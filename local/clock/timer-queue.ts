/** A timer that fires at a virtual instant; equal instants fire in the order in which they were added. */
export interface Timer {
	readonly atMs: number;
	readonly order: number;
	readonly fire: () => void;
	cancelled: boolean;
}

/** A binary heap of timers, earliest first. */
export class TimerQueue {
	readonly #heap: Timer[] = [];
	#order = 0;

	add(atMs: number, fire: () => void): Timer {
		const timer: Timer = { atMs, order: this.#order++, fire, cancelled: false };
		this.#heap.push(timer);
		this.#siftUp(this.#heap.length - 1);
		return timer;
	}

	/** The earliest timer that is not cancelled, left in place. */
	peek(): Timer | undefined {
		while (this.#heap[0]?.cancelled) this.#removeTop();
		return this.#heap[0];
	}

	pop(): Timer | undefined {
		const top = this.peek();
		if (top !== undefined) this.#removeTop();
		return top;
	}

	#removeTop(): void {
		const last = this.#heap.pop();
		if (last === undefined || this.#heap.length === 0) return;
		this.#heap[0] = last;
		this.#siftDown(0);
	}

	#siftUp(start: number): void {
		let index = start;
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if (!this.#before(index, parent)) return;
			this.#swap(index, parent);
			index = parent;
		}
	}

	#siftDown(start: number): void {
		let index = start;
		for (;;) {
			const left = 2 * index + 1;
			let first = index;
			if (left < this.#heap.length && this.#before(left, first)) first = left;
			if (left + 1 < this.#heap.length && this.#before(left + 1, first)) first = left + 1;
			if (first === index) return;
			this.#swap(index, first);
			index = first;
		}
	}

	#before(a: number, b: number): boolean {
		const left = this.#heap[a] as Timer;
		const right = this.#heap[b] as Timer;
		return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
	}

	#swap(a: number, b: number): void {
		const held = this.#heap[a] as Timer;
		this.#heap[a] = this.#heap[b] as Timer;
		this.#heap[b] = held;
	}
}
