const MINUTES_AN_HOUR = 60;
const HOURS_A_DAY = 24;
const MINUTES_A_DAY = HOURS_A_DAY * MINUTES_AN_HOUR;
const DAYS_A_WEEK = 7;
const DAYS_A_MONTH = 31;
/** From the day of the epoch on. */
const WEEKDAYS = ["THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED"];

/**
 * The EventBridge cron expression (UTC) that fires at multiples of `everyMinutes` since the Unix epoch, plus `offsetMinutes`.
 * A rate expression would count from the schedule's creation instead. Weeks have a weekday; other periods of several days count from the
 * first of each month, so that the last one of a month is cut short.
 *
 * @throws RangeError unless `everyMinutes` divides an hour, or is whole hours that divide a day, or whole days up to 31, and the offset is shorter.
 */
export function cronExpression(everyMinutes: number, offsetMinutes: number): string {
	if (offsetMinutes < 0 || offsetMinutes >= everyMinutes)
		throw new RangeError(`offset ${offsetMinutes} is not below ${everyMinutes} minutes`);
	if (MINUTES_AN_HOUR % everyMinutes === 0) return `cron(${from(offsetMinutes, everyMinutes, MINUTES_AN_HOUR)} * * * ? *)`;
	if (everyMinutes > MINUTES_A_DAY) return everyDays(everyMinutes / MINUTES_A_DAY, offsetMinutes);
	const everyHours = everyMinutes / MINUTES_AN_HOUR;
	if (!Number.isInteger(everyHours) || HOURS_A_DAY % everyHours !== 0) {
		throw new RangeError(`a schedule every ${everyMinutes} minutes does not divide a day; use a divisor of 60, or of 24 hours`);
	}
	const minute = offsetMinutes % MINUTES_AN_HOUR;
	return `cron(${minute} ${from(Math.floor(offsetMinutes / MINUTES_AN_HOUR), everyHours, HOURS_A_DAY)} * * ? *)`;
}

/** A value and each `step` after it, below `end`; a step that leads nowhere else is out of a field's range. */
const from = (first: number, step: number, end: number): string => (first + step < end ? `${first}/${step}` : `${first}`);

function everyDays(days: number, offsetMinutes: number): string {
	if (!Number.isInteger(days) || days > DAYS_A_MONTH)
		throw new RangeError(`a schedule every ${days} days is not possible; use whole days up to 31`);
	const minute = offsetMinutes % MINUTES_AN_HOUR;
	const hour = Math.floor(offsetMinutes / MINUTES_AN_HOUR) % HOURS_A_DAY;
	const day = Math.floor(offsetMinutes / MINUTES_A_DAY);
	if (days === DAYS_A_WEEK) return `cron(${minute} ${hour} ? * ${WEEKDAYS[day]} *)`;
	return `cron(${minute} ${hour} ${from(1 + day, days, DAYS_A_MONTH + 1)} * ? *)`;
}
