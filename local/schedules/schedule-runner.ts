import assert from "node:assert";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { ScheduleDescription } from "#infra/description/schedules.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";

/** Starts what a schedule names: an execution or an invocation. */
export type FireSchedule = (schedule: ScheduleDescription, scheduledTime: string, activity: Activity) => Promise<void>;

export interface ScheduleRunnerOptions {
	readonly schedules: readonly ScheduleDescription[];
	readonly clock: LocalClock;
	readonly controlRegion: RegionId;
	readonly fire: FireSchedule;
	readonly log: (line: string) => void;
}

const MINUTE_MS = 60_000;

/** The first instant after `nowMs` at which the schedule fires. */
export function nextFiringMs(schedule: Pick<ScheduleDescription, "everyMinutes" | "offsetMinutes">, nowMs: number): number {
	const every = schedule.everyMinutes * MINUTE_MS;
	const offset = schedule.offsetMinutes * MINUTE_MS;
	return (Math.floor((nowMs - offset) / every) + 1) * every + offset;
}

/** EventBridge Scheduler of the local cloud: each schedule fires at its instants of the clock, one firing at a time in order. */
export class ScheduleRunner {
	readonly #options: ScheduleRunnerOptions;
	readonly #cancels = new Map<string, () => void>();

	constructor(options: ScheduleRunnerOptions) {
		this.#options = options;
	}

	start(): void {
		for (const schedule of this.#options.schedules) this.#arm(schedule, this.#options.clock.nowMs());
	}

	/** Fires a schedule once, now, besides its instants. */
	fireNow(name: string): void {
		const { schedules, clock, fire, log } = this.#options;
		const schedule = schedules.find((candidate) => candidate.name === name);
		assert(schedule !== undefined, `no schedule ${name}`);
		const nowMs = clock.nowMs();
		clock.at(nowMs, `schedule ${name}`, (activity) =>
			fire(schedule, new Date(nowMs).toISOString(), activity).catch((error: unknown) => log(`schedule ${name} failed: ${String(error)}`)),
		);
	}

	stop(): void {
		for (const cancel of this.#cancels.values()) cancel();
		this.#cancels.clear();
	}

	#arm(schedule: ScheduleDescription, afterMs: number): void {
		const { clock, fire, log } = this.#options;
		const atMs = nextFiringMs(schedule, afterMs);
		const cancel = clock.at(atMs, `schedule ${schedule.name}`, async (activity) => {
			this.#arm(schedule, atMs);
			try {
				await fire(schedule, new Date(atMs).toISOString(), activity);
			} catch (error) {
				log(`schedule ${schedule.name} at ${new Date(atMs).toISOString()} failed: ${String(error)}`);
			}
		});
		this.#cancels.set(schedule.name, cancel);
	}
}
