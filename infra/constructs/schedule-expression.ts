const MINUTES_AN_HOUR = 60;
const HOURS_A_DAY = 24;
const MINUTES_A_DAY = HOURS_A_DAY * MINUTES_AN_HOUR;

/**
 * The EventBridge cron expression (UTC) that fires at multiples of `everyMinutes` since the Unix epoch, plus `offsetMinutes`.
 * A rate expression would count from the schedule's creation instead. Periods of several days count from the first of each month.
 *
 * @throws RangeError unless `everyMinutes` divides an hour, or is whole hours that divide a day, or whole days up to 31, and the offset is shorter.
 */
export function cronExpression(everyMinutes: number, offsetMinutes: number): string {
	if (offsetMinutes < 0 || offsetMinutes >= everyMinutes)
		throw new RangeError(`offset ${offsetMinutes} is not below ${everyMinutes} minutes`);
	if (MINUTES_AN_HOUR % everyMinutes === 0) return `cron(${offsetMinutes}/${everyMinutes} * * * ? *)`;
	if (everyMinutes > MINUTES_A_DAY) return everyDays(everyMinutes / MINUTES_A_DAY, offsetMinutes);
	const everyHours = everyMinutes / MINUTES_AN_HOUR;
	if (!Number.isInteger(everyHours) || HOURS_A_DAY % everyHours !== 0) {
		throw new RangeError(`a schedule every ${everyMinutes} minutes does not divide a day; use a divisor of 60, or of 24 hours`);
	}
	const minute = offsetMinutes % MINUTES_AN_HOUR;
	return `cron(${minute} ${Math.floor(offsetMinutes / MINUTES_AN_HOUR)}/${everyHours} * * ? *)`;
}

function everyDays(days: number, offsetMinutes: number): string {
	if (!Number.isInteger(days) || days > 31) throw new RangeError(`a schedule every ${days} days is not possible; use whole days up to 31`);
	const minute = offsetMinutes % MINUTES_AN_HOUR;
	const hour = Math.floor(offsetMinutes / MINUTES_AN_HOUR) % HOURS_A_DAY;
	return `cron(${minute} ${hour} ${1 + Math.floor(offsetMinutes / MINUTES_A_DAY)}/${days} * ? *)`;
}
