import type { ScheduleDescription } from "#infra/description/schedules.ts";
import type { Settings } from "#infra/settings.ts";

const MINUTES_A_DAY = 1440;

/** A described schedule at the pace that the settings ask for; its offset stays, within the new period. */
export function scheduled({ schedules }: Settings, description: ScheduleDescription): ScheduleDescription {
	const paces: Readonly<Record<string, number>> = {
		predict: schedules.predictMinutes,
		reconcile: schedules.reconcileMinutes,
		"sweep-parked": schedules.sweepMinutes,
		train: schedules.trainDays * MINUTES_A_DAY,
	};
	const everyMinutes = paces[description.name] ?? description.everyMinutes;
	return { ...description, everyMinutes, offsetMinutes: description.offsetMinutes % everyMinutes };
}
