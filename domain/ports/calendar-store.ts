import type { HolidayEffect } from "#domain/prediction/external/holiday-effect.ts";

/** What holidays do to accesses, as far as it has been learnt. Every method: @throws UnavailableError; retrying is safe. */
export interface CalendarStore {
	read(): Promise<HolidayEffect | undefined>;
	write(effect: HolidayEffect): Promise<void>;
}
