/** Hours (since the Unix epoch, ascending) at which the clocks of a zone change, and how many hours they are ahead of standard time from then on. */
export interface ClockChanges {
	readonly hours: readonly number[];
	readonly ahead: readonly number[];
}

const HOUR_MS = 3_600_000;
const FROM_HOUR = Date.UTC(2010, 0) / HOUR_MS;
const UNTIL_HOUR = Date.UTC(2041, 0) / HOUR_MS;
/** Shorter than any region has kept summer or standard time. */
const STEP_HOURS = 60 * 24;

const NONE: ClockChanges = { hours: [], ahead: [] };
const known = new Map<string, ClockChanges>();

/**
 * The clock changes of the years 2010 to 2040; before and after them clocks keep standard time, which is the least offset that the zone had in
 * these years. Worked out when a zone is first asked for, in a millisecond or two.
 *
 * @param zone an IANA time zone; undefined: never any
 */
export function clockChangesOf(zone: string | undefined): ClockChanges {
	if (zone === undefined) return NONE;
	const found = known.get(zone);
	if (found !== undefined) return found;
	const changes = findChanges(zone);
	known.set(zone, changes);
	return changes;
}

function findChanges(zone: string): ClockChanges {
	const offsetAt = offsetsOf(zone);
	const found = [{ hour: FROM_HOUR, offset: offsetAt(FROM_HOUR) }];
	for (let hour = FROM_HOUR; hour < UNTIL_HOUR; hour += STEP_HOURS) {
		const offset = offsetAt(hour + STEP_HOURS);
		if (offset !== found.at(-1)?.offset) found.push({ hour: firstHourOf(offset, offsetAt, hour, hour + STEP_HOURS), offset });
	}
	if (found.length === 1) return NONE;
	const standard = Math.min(...found.map(({ offset }) => offset));
	return {
		hours: [...found.map(({ hour }) => hour), UNTIL_HOUR],
		ahead: [...found.map(({ offset }) => Math.floor(offset - standard)), 0],
	};
}

/** The hour from which on the offset is what it is at `until`, where it changes once after `from`. */
function firstHourOf(offset: number, offsetAt: (hour: number) => number, from: number, until: number): number {
	let [before, after] = [from, until];
	while (after - before > 1) {
		const middle = (before + after) >> 1;
		if (offsetAt(middle) === offset) after = middle;
		else before = middle;
	}
	return after;
}

/** Hour -> offset of the zone from UTC in hours, east positive. */
function offsetsOf(zone: string): (hour: number) => number {
	const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
	return (hour) => {
		const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(hour * HOUR_MS)) ?? [];
		return (sign === "-" ? -1 : 1) * (Number(hours) + Number(minutes) / 60);
	};
}
