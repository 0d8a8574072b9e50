import type { LocalTime } from "#replay/world/cities.ts";

/** How busy an hour is, as a share of the busiest. */
export type Profile = (time: LocalTime) => number;

const WEEKEND_SHARE = 0.04;

/** An office: nine to six on weekdays with a dip at lunch, hardly anything else. */
export const officeHours: Profile = ({ hour, weekday }) => {
	const day = weekday >= 6 ? WEEKEND_SHARE : 1;
	if (hour === 12) return 0.7 * day;
	if (hour >= 9 && hour < 18) return day;
	return hour === 8 || hour === 18 ? 0.4 * day : 0.01 * day;
};

/** A shift of a team that follows the sun: eight full hours on every weekday, nothing after. */
export const shift: Profile = ({ hour, weekday }) => (weekday < 6 && hour >= 9 && hour < 17 ? 1 : 0);

/** A person: awake from seven to eleven in the evening, seven days a week. */
export const wakingHours: Profile = ({ hour, weekday }) => (hour >= 7 && hour < 23 ? (weekday >= 6 ? 0.5 : 1) : 0);

/** Consumers: most in the evening, few at night. */
export const consumerHours: Profile = ({ hour }) => (hour >= 18 && hour < 23 ? 1 : hour >= 8 ? 0.5 : 0.1);
