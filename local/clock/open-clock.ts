import type { LocalClock } from "#local/clock/local-clock.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { WallClock } from "#local/clock/wall-clock.ts";

export interface OpenClockOptions {
	/** 1: the wall clock; more: virtual time. */
	readonly speed: number;
	/** Where virtual time starts when `space` holds none. */
	readonly startMs: number;
	/** Where virtual time is remembered from second to second. */
	readonly space: { get(key: string): number | undefined; set(key: string, value: number): void };
	readonly onError: (label: string, error: unknown) => void;
}

export interface OpenedClock {
	readonly clock: LocalClock;
	/** For threads to read virtual time; undefined for the wall clock. */
	readonly time: SharedArrayBuffer | undefined;
}

/** The clock of a local cloud. Virtual time never goes back: it goes on from where it was when the process ended, however it ended. */
export function openClock({ speed, startMs, space, onError }: OpenClockOptions): OpenedClock {
	if (speed === 1) return { clock: new WallClock(onError), time: undefined };
	const time = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
	// A second is added because the last one may have begun before it was written down.
	const resumedMs = (space.get("nowMs") ?? Number.NEGATIVE_INFINITY) + 1000;
	const clock = new VirtualClock({
		startMs: Math.max(startMs, resumedMs),
		speed,
		shared: new Float64Array(time),
		onSecond: (nowMs) => space.set("nowMs", nowMs),
		onError,
	});
	return { clock, time };
}
