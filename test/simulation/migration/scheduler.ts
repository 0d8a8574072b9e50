import { seededRandom } from "#domain/shared/seeded-random.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

/** How likely time goes on although somebody could act: that somebody was paused. */
const PAUSE_SHARE = 0.02;

/** Interleaves actors in an order drawn from a seed, on virtual time: every `turn` is a point where another may go first. */
export class Scheduler {
	readonly clock = new ManualClock();
	readonly random: () => number;
	#ready: (() => void)[] = [];
	#sleeping: { readonly atMs: number; readonly wake: () => void }[] = [];

	constructor(seed: number) {
		this.random = seededRandom(seed);
	}

	turn(): Promise<void> {
		return new Promise((resolve) => this.#ready.push(resolve));
	}

	sleep(ms: number): Promise<void> {
		return new Promise((wake) => this.#sleeping.push({ atMs: this.clock.nowMs() + ms, wake }));
	}

	below(bound: number): number {
		return Math.floor(this.random() * bound);
	}

	/** Runs until all actors have ended. @throws the first error of an actor */
	async run(actors: readonly (() => Promise<void>)[]): Promise<void> {
		let active = actors.length;
		const errors: unknown[] = [];
		for (const actor of actors) {
			actor()
				.catch((error: unknown) => errors.push(error))
				.finally(() => {
					active -= 1;
				});
		}
		while (active > 0 && errors.length === 0) {
			await new Promise((resolve) => setImmediate(resolve));
			this.#step(active);
		}
		if (errors.length > 0) throw errors[0];
	}

	#step(active: number): void {
		const paused = this.#sleeping.length > 0 && this.random() < PAUSE_SHARE;
		if (this.#ready.length > 0 && !paused) {
			this.#ready.splice(this.below(this.#ready.length), 1)[0]?.();
			return;
		}
		const [next] = this.#sleeping.sort((a, b) => a.atMs - b.atMs);
		if (next === undefined) {
			if (active > 0 && this.#ready.length === 0) throw new Error("every actor waits for something that will not come");
			return;
		}
		this.#sleeping.shift();
		this.clock.advance(Math.max(0, next.atMs - this.clock.nowMs()));
		next.wake();
	}
}
