const MINUTE_MS = 60_000;
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * The instants of an EventBridge cron expression in UTC, of `a`, `a/b`, `*`, `?` and a weekday, in ms since the epoch.
 *
 * @param fromMs whole minutes; the first instant that counts @param toMs the first that does not
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function cronFirings(expression: string, fromMs: number, toMs: number): readonly number[] {
	const [, minute, hour, day, month, weekday, year] = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression) ?? [];
	if (month !== "*" || year !== "*" || (day === "?") === (weekday === "?")) throw new TypeError(`${expression} is not understood`);
	const instants: number[] = [];
	for (let at = fromMs; at < toMs; at += MINUTE_MS) {
		const date = new Date(at);
		if (
			matches(minute, date.getUTCMinutes(), 60) &&
			matches(hour, date.getUTCHours(), 24) &&
			matches(day, date.getUTCDate(), 32) &&
			(weekday === "?" || weekday === WEEKDAYS[date.getUTCDay()])
		)
			instants.push(at);
	}
	return instants;
}

/** @param end the first value that the field never has */
function matches(field: string | undefined, value: number, end: number): boolean {
	if (field === "*" || field === "?") return true;
	const [, from, step] = /^(\d+)(?:\/(\d+))?$/.exec(field ?? "") ?? [];
	if (from === undefined || Number(from) >= end || Number(step ?? 1) >= end) throw new TypeError(`${field} is out of range`);
	return step === undefined ? value === Number(from) : value >= Number(from) && (value - Number(from)) % Number(step) === 0;
}
