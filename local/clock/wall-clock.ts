import type { Activity, LocalClock } from "#local/clock/local-clock.ts";

/** The machine's own time: activities exist but hold nothing. */
export class WallClock implements LocalClock {
	readonly speed = 1;
	readonly #activities = new Map<string, Activity>();
	readonly #timers = new Set<NodeJS.Timeout>();
	readonly #onError: (label: string, error: unknown) => void;
	#ids = 0;

	constructor(onError: (label: string, error: unknown) => void) {
		this.#onError = onError;
	}

	nowMs(): number {
		return Date.now();
	}

	sleep(ms: number): Promise<void> {
		return ms <= 0 ? Promise.resolve() : new Promise((resolve) => this.#later(ms, resolve));
	}

	begin(_label: string): Activity {
		this.#ids += 1;
		const id = `a${this.#ids}`;
		const activity: Activity = {
			id,
			sleep: (ms) => this.sleep(ms),
			during: (work) => work(),
			end: () => void this.#activities.delete(id),
		};
		this.#activities.set(id, activity);
		return activity;
	}

	find(id: string): Activity | undefined {
		return this.#activities.get(id);
	}

	at(atMs: number, label: string, work: (activity: Activity) => Promise<void>): () => void {
		let cancelled = false;
		const wait = (): void => {
			if (cancelled) return;
			const leftMs = atMs - Date.now();
			if (leftMs > MAX_TIMEOUT_MS) {
				this.#later(MAX_TIMEOUT_MS, wait);
				return;
			}
			this.#later(Math.max(leftMs, 0), () => {
				if (cancelled) return;
				const activity = this.begin(label);
				work(activity)
					.catch((error: unknown) => this.#onError(label, error))
					.finally(() => activity.end());
			});
		};
		wait();
		return () => {
			cancelled = true;
		};
	}

	whenIdle(): Promise<void> {
		return new Promise((resolve) => {
			const check = (): void => (this.#activities.size === 0 ? resolve() : this.#later(10, check));
			check();
		});
	}

	running(): readonly string[] {
		return [...this.#activities.keys()];
	}

	stop(): void {
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
	}

	#later(ms: number, run: () => void): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			run();
		}, ms);
		this.#timers.add(timer);
	}
}

/** The longest delay that `setTimeout` takes. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
