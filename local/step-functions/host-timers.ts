/** Who keeps the timers that this thread asks for. */
export interface TimerKeeper {
	set(timerId: number, ms: number): void;
	clear(timerId: number): void;
}

/**
 * Replaces this thread's timers and `Date` by the host's clock, for code that takes its time from the globals: the ASL
 * interpreter waits, retries and times out with `setTimeout`.
 *
 * @returns call it when a timer of the keeper fires
 */
export function installHostTimers(keeper: TimerKeeper, time: SharedArrayBuffer | undefined): (timerId: number) => void {
	const callbacks = new Map<number, () => void>();
	let timers = 0;
	const set = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): number => {
		timers += 1;
		callbacks.set(timers, () => callback(...args));
		keeper.set(timers, ms);
		return timers;
	};
	const clear = (timerId: unknown): void => {
		if (typeof timerId === "number" && callbacks.delete(timerId)) keeper.clear(timerId);
	};
	Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
	if (time !== undefined) installHostDate(new Float64Array(time));
	return (timerId) => {
		const callback = callbacks.get(timerId);
		callbacks.delete(timerId);
		callback?.();
	};
}

function installHostDate(now: Float64Array): void {
	const nowMs = (): number => now[0] ?? Number.NaN;
	const HostDate = new Proxy(Date, {
		construct: (target, args: [], newTarget) => Reflect.construct(target, args.length === 0 ? [nowMs()] : args, newTarget) as Date,
		get: (target, property, receiver) => (property === "now" ? nowMs : (Reflect.get(target, property, receiver) as unknown)),
	});
	Object.assign(globalThis, { Date: HostDate });
}
