import { setTimeout as wait } from "node:timers/promises";
import type { LocalClock } from "#local/clock/local-clock.ts";

const TICK_MS = 50;

/**
 * Holds a clock that jumps from event to event to about the wall's pace, once its workload has ended and people look around: else it
 * would run through years of empty schedules. Returns what lets it go.
 */
export function paceToWall(clock: LocalClock): () => void {
	let stopped = false;
	const tick = (): void => {
		if (stopped) return;
		clock.at(clock.nowMs() + TICK_MS, "pace", async () => {
			await wait(TICK_MS);
			tick();
		});
	};
	tick();
	return () => {
		stopped = true;
	};
}
