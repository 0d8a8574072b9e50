const MINUTES_AN_HOUR = 60;
const HOURS_A_DAY = 24;

/**
 * The EventBridge cron expression (UTC) that fires at multiples of `everyMinutes` since the Unix epoch, plus `offsetMinutes`.
 * A rate expression would count from the schedule's creation instead.
 *
 * @throws RangeError unless `everyMinutes` divides an hour, or is whole hours that divide a day, and the offset is shorter.
 */
export function cronExpression(everyMinutes: number, offsetMinutes: number): string {
	if (offsetMinutes < 0 || offsetMinutes >= everyMinutes)
		throw new RangeError(`offset ${offsetMinutes} is not below ${everyMinutes} minutes`);
	if (MINUTES_AN_HOUR % everyMinutes === 0) return `cron(${offsetMinutes}/${everyMinutes} * * * ? *)`;
	const everyHours = everyMinutes / MINUTES_AN_HOUR;
	if (!Number.isInteger(everyHours) || HOURS_A_DAY % everyHours !== 0) {
		throw new RangeError(`a schedule every ${everyMinutes} minutes does not divide a day; use a divisor of 60, or of 24 hours`);
	}
	const minute = offsetMinutes % MINUTES_AN_HOUR;
	return `cron(${minute} ${Math.floor(offsetMinutes / MINUTES_AN_HOUR)}/${everyHours} * * ? *)`;
}
