import type { Activity, LocalClock } from "#local/clock/local-clock.ts";
import { type Timer, TimerQueue } from "#local/clock/timer-queue.ts";

export interface VirtualClockOptions {
	/** Milliseconds since the Unix epoch at which this clock starts. */
	readonly startMs: number;
	/** Multiples of the wall's speed while nothing runs; `Infinity` jumps. At least 1. */
	readonly speed: number;
	/** Where the current time is kept for other threads to read: one Float64 of ms. */
	readonly shared?: Float64Array;
	/** Called when time has moved a second or more since the last call, before anything happens at the new time. */
	readonly onSecond?: (nowMs: number) => void;
	/** Called with errors of work started by `at`. @default rethrows, which ends the process */
	readonly onError?: (label: string, error: unknown) => void;
}

/** Wall ms without any change that an activity with concurrent parts must show before it counts as asleep. */
const AMBIGUITY_GRACE_MS = 2;

class VirtualActivity implements Activity {
	readonly id: string;
	readonly label: string;
	readonly #clock: VirtualClock;
	#asleep = 0;
	#inFlight = 0;
	#ended = false;
	/** Wall ms of the last part that finished while another slept: its follow-up work may be on its way from another thread. */
	ambiguousSince = Number.NEGATIVE_INFINITY;

	constructor(clock: VirtualClock, id: string, label: string) {
		this.#clock = clock;
		this.id = id;
		this.label = label;
	}

	get blocked(): boolean {
		return this.#asleep > 0 && this.#inFlight === 0;
	}

	async sleep(ms: number): Promise<void> {
		if (ms <= 0 || this.#ended) return;
		await new Promise<void>((resolve) => {
			this.#asleep += 1;
			this.#clock.addTimer(this.#clock.instantIn(ms), () => {
				this.#asleep -= 1;
				this.#noteAmbiguity();
				resolve();
			});
			this.#clock.changed();
		});
	}

	async during<T>(work: () => Promise<T>): Promise<T> {
		this.#inFlight += 1;
		try {
			return await work();
		} finally {
			this.#inFlight -= 1;
			this.#noteAmbiguity();
			this.#clock.changed();
		}
	}

	end(): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#clock.ended(this);
	}

	#noteAmbiguity(): void {
		if (this.#asleep > 0) this.ambiguousSince = performance.now();
	}
}

/**
 * Time that stands still while anything runs and otherwise moves to the next timer, one timer at a time. With one timer at a time
 * and time-ordered work, a run with the same input makes the same decisions, though real processes do the work.
 */
export class VirtualClock implements LocalClock {
	readonly speed: number;
	readonly #timers = new TimerQueue();
	readonly #activities = new Map<string, VirtualActivity>();
	readonly #shared: Float64Array | undefined;
	readonly #onSecond: ((nowMs: number) => void) | undefined;
	#toldMs = Number.NEGATIVE_INFINITY;
	readonly #onError: (label: string, error: unknown) => void;
	#nowMs: number;
	/** Wall instant that corresponds to `#nowMs` while nothing runs. */
	#wallAnchorMs = performance.now();
	/** Whether time stood still because something ran, as far as the last look tells. */
	#frozen = false;
	#ids = 0;
	#checkQueued = false;
	#wake: NodeJS.Timeout | undefined;
	#idleWaiters: (() => void)[] = [];
	#stopped = false;

	constructor(options: VirtualClockOptions) {
		this.speed = options.speed;
		this.#nowMs = options.startMs;
		this.#shared = options.shared;
		this.#onSecond = options.onSecond;
		this.#onError =
			options.onError ??
			((_label, error) => {
				throw error;
			});
		this.#publish();
	}

	/** Whole milliseconds, as of the wall clock; timers keep their fractions. */
	nowMs(): number {
		return Math.floor(this.#nowMs);
	}

	/** @internal for activities: the instant `ms` from now, fractions kept. */
	instantIn(ms: number): number {
		return this.#nowMs + ms;
	}

	sleep(ms: number): Promise<void> {
		if (ms <= 0) return Promise.resolve();
		return new Promise((resolve) => {
			this.addTimer(this.#nowMs + ms, resolve);
			this.changed();
		});
	}

	begin(label: string): Activity {
		if (!this.#frozen) this.#flow();
		this.#frozen = true;
		this.#ids += 1;
		const activity = new VirtualActivity(this, `a${this.#ids}`, label);
		this.#activities.set(activity.id, activity);
		return activity;
	}

	find(id: string): Activity | undefined {
		return this.#activities.get(id);
	}

	at(atMs: number, label: string, work: (activity: Activity) => Promise<void>): () => void {
		const timer = this.addTimer(Math.max(atMs, this.#nowMs), () => {
			const activity = this.begin(label);
			work(activity)
				.catch((error: unknown) => this.#onError(label, error))
				.finally(() => activity.end());
		});
		this.changed();
		return () => {
			timer.cancelled = true;
			this.changed();
		};
	}

	whenIdle(): Promise<void> {
		return new Promise((resolve) => {
			this.#idleWaiters.push(resolve);
			this.changed();
		});
	}

	running(): readonly string[] {
		return [...this.#activities.values()].filter((activity) => !activity.blocked).map((activity) => activity.label);
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#wake);
	}

	/** @internal for activities */
	addTimer(atMs: number, fire: () => void): Timer {
		return this.#timers.add(atMs, fire);
	}

	/** @internal for activities */
	ended(activity: VirtualActivity): void {
		this.#activities.delete(activity.id);
		this.changed();
	}

	/** @internal something may have made the clock free to advance. */
	changed(): void {
		if (this.#checkQueued || this.#stopped) return;
		this.#checkQueued = true;
		setImmediate(() => {
			this.#checkQueued = false;
			this.#advance();
		});
	}

	#advance(): void {
		clearTimeout(this.#wake);
		if (this.#stopped || this.#anyRunning()) return;
		const graceMs = this.#graceLeftMs();
		if (graceMs > 0) {
			this.#wakeIn(graceMs);
			return;
		}
		if (this.#activities.size === 0 && this.#idleWaiters.length > 0) {
			this.#tellIdle();
			return;
		}
		const next = this.#timers.peek();
		if (next === undefined) return;
		this.#flow();
		const waitMs = (next.atMs - this.#nowMs) / this.speed;
		if (waitMs >= 1) {
			this.#wakeIn(waitMs);
			return;
		}
		this.#timers.pop();
		this.#nowMs = Math.max(this.#nowMs, next.atMs);
		this.#wallAnchorMs = performance.now();
		this.#publish();
		next.fire();
		this.changed();
	}

	#anyRunning(): boolean {
		for (const activity of this.#activities.values()) {
			if (!activity.blocked) {
				this.#frozen = true;
				return true;
			}
		}
		if (this.#frozen) {
			this.#frozen = false;
			this.#wallAnchorMs = performance.now();
		}
		return false;
	}

	#graceLeftMs(): number {
		const now = performance.now();
		let left = 0;
		for (const activity of this.#activities.values()) left = Math.max(left, activity.ambiguousSince + AMBIGUITY_GRACE_MS - now);
		return left;
	}

	#wakeIn(wallMs: number): void {
		this.#wake = setTimeout(() => this.#advance(), wallMs);
	}

	#tellIdle(): void {
		const waiters = this.#idleWaiters;
		this.#idleWaiters = [];
		for (const resolve of waiters) resolve();
		this.changed();
	}

	/** Lets paced time run up to the wall's, never past the next timer. */
	#flow(): void {
		const wallMs = performance.now();
		if (Number.isFinite(this.speed)) {
			const flowed = this.#nowMs + (wallMs - this.#wallAnchorMs) * this.speed;
			this.#nowMs = Math.min(flowed, this.#timers.peek()?.atMs ?? flowed);
		}
		this.#wallAnchorMs = wallMs;
		this.#publish();
	}

	#publish(): void {
		if (this.#shared !== undefined) this.#shared[0] = this.nowMs();
		if (this.#onSecond === undefined || this.#nowMs - this.#toldMs < 1000) return;
		this.#toldMs = this.#nowMs;
		this.#onSecond(this.#nowMs);
	}
}
