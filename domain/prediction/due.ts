import type { RunSettings } from "#domain/prediction/settings.ts";

/** The first multiple of `refreshHours` (UTC) at which a forecast of `runHour` is at least `refreshHours` old. */
export const nextRefreshHour = (runHour: number, { refreshHours }: RunSettings): number =>
	Math.ceil((runHour + refreshHours) / refreshHours) * refreshHours;

/**
 * Whether a listed partition without new accesses is forecast in the run of `runHour`: its forecast is old enough, or was made by
 * this very run before it was repeated, and it has been accessed lately.
 */
export const isRefreshDue = (
	known: { readonly forecastHour: number; readonly lastHour: number },
	runHour: number,
	settings: RunSettings,
): boolean =>
	(runHour - known.forecastHour >= settings.refreshHours || known.forecastHour === runHour) &&
	runHour - known.lastHour <= settings.activeHours;
