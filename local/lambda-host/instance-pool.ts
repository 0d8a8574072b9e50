/** What the pool looks at in an instance. */
export interface Instance {
	/** It has not yet been ready for anything. */
	readonly starting: boolean;
	/** It runs an invocation, or what one has left for later. */
	readonly busy: boolean;
	readonly dead: boolean;
}

export interface InstancePoolOptions<T extends Instance> {
	readonly create: () => T;
	/** Instances, and invocations that wait for one, at most. */
	readonly limit: number;
	/** Whether the machine has no core to spare: one more instance would serve nobody sooner. */
	readonly isMachineFull: () => boolean;
	/** Calls `act` in so many wall milliseconds, unless what it returns is called before. */
	readonly after: (ms: number, act: () => void) => () => void;
}

/**
 * So long an invocation waits for an instance that is busy before one more is started, in wall ms. A start takes many times as
 * long (`npm run bench -- local`), and most invocations are over before: a burst is served by what is warm.
 */
export const PATIENCE_MS = 25;
/** On a full machine it waits this many times as long: all others may be waiting for it. */
export const PATIENCE_ON_FULL_MACHINE = 20;

interface Waiting<T> {
	readonly resolve: (instance: T | undefined) => void;
	/** How often its patience has ended. */
	impatience: number;
}

/**
 * Instances of one code in one region. An invocation gets one that is free; else the first that becomes free, or one more, whichever comes
 * first. One instance at a time is started, and hardly any where all cores are busy, so that a burst does not fill the machine with starts.
 */
export class InstancePool<T extends Instance> {
	readonly #options: InstancePoolOptions<T>;
	readonly #instances = new Set<T>();
	/** Given away, the invocation has not ended. */
	readonly #lent = new Set<T>();
	readonly #waiting: Waiting<T>[] = [];
	#cancelTimer: (() => void) | undefined;
	#closed = false;

	constructor(options: InstancePoolOptions<T>) {
		this.#options = options;
	}

	/** An instance for one invocation, to be given back with `release`; undefined where there are too many, or the pool is closed meanwhile. */
	async acquire(): Promise<T | undefined> {
		if (this.#closed) return undefined;
		const instance = this.#free() ?? (this.#instances.size === 0 ? this.#start() : undefined);
		if (instance !== undefined) return this.#lend(instance);
		if (this.#instances.size + this.#waiting.length >= this.#options.limit) return undefined;
		const { promise, resolve } = Promise.withResolvers<T | undefined>();
		this.#waiting.push({ resolve, impatience: 0 });
		this.#beImpatient();
		return promise;
	}

	/** The invocation has ended. */
	release(instance: T): void {
		this.#lent.delete(instance);
		this.advance();
	}

	/** The instance is gone, whatever it was doing. */
	remove(instance: T): void {
		this.#instances.delete(instance);
		this.#lent.delete(instance);
		if (this.#instances.size === 0 && this.#waiting.length > 0) this.#serve(this.#start());
		this.advance();
	}

	/** Serves who waits; to be called when an instance that has been released is no longer busy. */
	advance(): void {
		while (this.#waiting.length > 0) {
			const free = this.#free();
			if (free === undefined) return;
			this.#serve(free);
		}
	}

	/** Hands out all instances for good; who waits, or comes later, gets none. */
	close(): readonly T[] {
		this.#closed = true;
		this.#cancelTimer?.();
		const instances = [...this.#instances];
		this.#instances.clear();
		for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
		return instances;
	}

	find(is: (instance: T) => boolean): T | undefined {
		return [...this.#instances].find(is);
	}

	#free(): T | undefined {
		for (const instance of this.#instances) if (instance.dead) this.#instances.delete(instance);
		return this.find((instance) => !this.#lent.has(instance) && !instance.busy);
	}

	#start(): T {
		const instance = this.#options.create();
		this.#instances.add(instance);
		return instance;
	}

	#lend(instance: T): T {
		this.#lent.add(instance);
		return instance;
	}

	#serve(instance: T): void {
		this.#waiting.shift()?.resolve(this.#lend(instance));
	}

	/** Whether one more is due for who has waited longest. */
	#mayStart(): boolean {
		const [longest] = this.#waiting;
		if (longest === undefined || this.#instances.size >= this.#options.limit) return false;
		if (this.find(({ starting }) => starting) !== undefined) return false;
		return longest.impatience >= PATIENCE_ON_FULL_MACHINE || !this.#options.isMachineFull();
	}

	#beImpatient(): void {
		this.#cancelTimer ??= this.#options.after(PATIENCE_MS, () => {
			this.#cancelTimer = undefined;
			for (const waiting of this.#waiting) waiting.impatience += 1;
			if (this.#mayStart()) this.#serve(this.#start());
			if (this.#waiting.length > 0) this.#beImpatient();
		});
	}
}
