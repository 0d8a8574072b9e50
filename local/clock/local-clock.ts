import type { Clock } from "#domain/ports/clock.ts";

/**
 * One chain of work: a request with all it causes, a schedule firing, a batch of stream records. While any activity is running,
 * virtual time stands still; it advances only when every activity is asleep in it.
 *
 * The chain may cross processes and threads. Whoever works for it on another thread's behalf (the gateway, for a call of a
 * handler) uses the same activity, found by the caller's identity, and wraps its part in `during`.
 */
export interface Activity {
	readonly id: string;
	/** Blocks the chain for `ms` of the clock's time. */
	sleep(ms: number): Promise<void>;
	/** Runs `work` as a part of the chain that may go on while another part sleeps. */
	during<T>(work: () => Promise<T>): Promise<T>;
	/** The chain is over. Idempotent. */
	end(): void;
}

export interface LocalClock extends Clock {
	/** Multiples of the wall's speed: 1 is the wall clock, `Infinity` jumps from event to event. */
	readonly speed: number;
	/** Begins a chain of work. `label` names it in diagnostics. */
	begin(label: string): Activity;
	/** An activity that has not ended, by id: how the two ends of a loopback HTTP call share one. */
	find(id: string): Activity | undefined;
	/** Begins an activity at `atMs`, runs `work` in it and ends it. Returns what cancels it before that. Errors go to the clock's `onError`. */
	at(atMs: number, label: string, work: (activity: Activity) => Promise<void>): () => void;
	/** Resolves when no activity runs and none is asleep, and no timer with `at` is due: the system is still. */
	whenIdle(): Promise<void>;
	/** Labels of activities that keep the time still, for diagnostics. */
	running(): readonly string[];
	stop(): void;
}
