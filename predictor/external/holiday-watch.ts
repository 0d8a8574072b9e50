import { type HolidayEffect, holidayFactors, learnHolidays } from "#domain/prediction/external/holiday-effect.ts";
import { type HolidayCalendar, holidayCalendar, shareOnHoliday } from "#domain/prediction/external/holidays.ts";
import type { ExternalFactor } from "#domain/prediction/external/tilt.ts";
import { HOURS_PER_DAY } from "#domain/prediction/hours.ts";
import { LEAD_HOURS, WEEK_WINDOW_HOURS } from "#domain/prediction/settings.ts";
import { usualAccesses } from "#predictor/external/usual-accesses.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { GlobalColumns } from "#predictor/features/shared-columns.ts";

/** Learns hour by hour of a history what holidays do, as a deployment does, and knows the coming ones. */
export class HolidayWatch {
	readonly #history: AccessHistory;
	readonly #columns: GlobalColumns;
	readonly #scratch: Float64Array;
	readonly #calendar: HolidayCalendar;
	/** Accesses by region of the hour that is taken in. */
	readonly #seen: Float64Array;
	/** Holidays of the day that begins at `#dayHour` and of the windows that are forecast in it. */
	#near: HolidayCalendar = new Map();
	#dayHour = Number.NEGATIVE_INFINITY;
	#effect: HolidayEffect | undefined;
	#factors: readonly ExternalFactor[] = [];
	#cell = 0;
	#hour: number;

	constructor(history: AccessHistory) {
		const { regions, cells } = history;
		this.#history = history;
		this.#columns = new GlobalColumns(regions);
		this.#scratch = new Float64Array(regions.length);
		this.#seen = new Float64Array(regions.length);
		this.#hour = cells.hour[0] ?? 0;
		this.#calendar = holidayCalendar(regions, this.#hour, (cells.hour.at(-1) ?? 0) + WEEK_WINDOW_HOURS + HOURS_PER_DAY);
	}

	/** Takes in everything before `hour`, not before that of the last call. Returns what is known of holidays in the windows ahead. */
	advance(hour: number): readonly ExternalFactor[] {
		for (; this.#hour < hour; this.#hour += 1) {
			this.#lookAhead(this.#hour);
			this.#take(this.#hour);
		}
		this.#lookAhead(hour);
		return this.#factors;
	}

	/** Takes in an hour: what it says of holidays first, against what was usual before it. */
	#take(hour: number): void {
		const { cells } = this.#history;
		const isFirst = this.#cell === 0;
		const from = this.#cell;
		this.#seen.fill(0);
		for (; cells.hour[this.#cell] === hour; this.#cell += 1) {
			const region = cells.region[this.#cell] ?? 0;
			this.#seen[region] = (this.#seen[region] ?? 0) + (cells.count[this.#cell] ?? 0);
		}
		if (!isFirst) this.#learn(hour);
		for (let cell = from; cell < this.#cell; cell += 1) this.#columns.add(cells.region[cell] ?? 0, cells.count[cell] ?? 0, hour);
	}

	#learn(hour: number): void {
		const { regions } = this.#history;
		const onHoliday = regions.flatMap((region, index) => (shareOnHoliday(this.#near, region, hour) > 0 ? [{ region, index }] : []));
		if (onHoliday.length === 0) return;
		this.#columns.week.refresh(hour);
		const rows = onHoliday.flatMap(({ region, index }) => {
			const usual = usualAccesses(this.#columns, index, hour, this.#scratch);
			return usual === undefined ? [] : [{ region, hour, accesses: this.#seen[index] ?? 0, usual }];
		});
		if (rows.length === 0) return;
		this.#effect = learnHolidays(this.#effect, rows, this.#near, hour);
		this.#factors = holidayFactors(this.#effect, this.#near);
	}

	#lookAhead(hour: number): void {
		if (hour < this.#dayHour + HOURS_PER_DAY) return;
		this.#dayHour = hour;
		this.#near = within(this.#calendar, hour, hour + HOURS_PER_DAY + LEAD_HOURS + WEEK_WINDOW_HOURS);
		this.#factors = holidayFactors(this.#effect, this.#near);
	}
}

const within = (calendar: HolidayCalendar, fromHour: number, untilHour: number): HolidayCalendar =>
	new Map(
		[...calendar].map(([region, spans]) => [region, spans.filter(({ startHour, endHour }) => endHour > fromHour && startHour < untilHour)]),
	);
