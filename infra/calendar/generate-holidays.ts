import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Holidays from "date-holidays";

/**
 * Countries with most people, and those; in millions, rounded. A holiday of a large country weighs more in the region that it counts to.
 *
 * @see https://population.un.org/wpp/ World Population Prospects 2024, medium variant for 2025
 */
const MILLIONS: Readonly<Record<string, number>> = {
	IN: 1464,
	CN: 1416,
	US: 347,
	ID: 286,
	PK: 255,
	NG: 238,
	BR: 213,
	BD: 176,
	RU: 144,
	ET: 135,
	MX: 132,
	JP: 123,
	EG: 118,
	PH: 117,
	CD: 113,
	VN: 102,
	IR: 92,
	TR: 88,
	DE: 84,
	TH: 72,
	TZ: 71,
	GB: 70,
	FR: 67,
	ZA: 65,
	IT: 59,
	KE: 58,
	KR: 52,
	CO: 53,
	ES: 48,
	AR: 46,
	CA: 40,
	UA: 39,
	PL: 38,
	MA: 38,
	MY: 36,
	SA: 35,
	PE: 35,
	AU: 27,
	TW: 23,
	CL: 20,
	NL: 18,
	RO: 19,
	BE: 12,
	SE: 11,
	PT: 10,
	CZ: 11,
	GR: 10,
	AT: 9,
	CH: 9,
	HU: 10,
	AE: 11,
	IL: 10,
	HK: 7,
	SG: 6,
	DK: 6,
	FI: 6,
	NO: 6,
	IE: 5,
	NZ: 5,
};
const FROM_YEAR = 2010;
const TO_YEAR = 2035;
const HOUR_MS = 3_600_000;
const OUT = fileURLToPath(new URL("../../domain/prediction/external/holiday-table.ts", import.meta.url));

/** Public holidays of a country as hours since the Unix epoch; the library knows its time zones and their summer time. */
function holidaysOf(country: string): readonly (readonly [start: number, hours: number])[] {
	const calendar = new Holidays(country, { types: ["public"] });
	const found = new Map<number, number>();
	for (let year = FROM_YEAR; year <= TO_YEAR; year += 1) {
		for (const { start, end, type } of calendar.getHolidays(year)) {
			if (type !== "public") continue;
			// zones of half hours are rounded; a holiday of several days is one span
			const from = Math.round(start.getTime() / HOUR_MS);
			found.set(from, Math.max(found.get(from) ?? 0, Math.round(end.getTime() / HOUR_MS) - from));
		}
	}
	return [...found].sort(([a], [b]) => a - b);
}

/** Gaps between beginnings in base 36; a colon and a length where one does not last 24 hours. */
function encode(holidays: readonly (readonly [number, number])[]): string {
	let before = 0;
	return holidays
		.map(([start, hours]) => {
			const gap = (start - before).toString(36);
			before = start;
			return hours === 24 ? gap : `${gap}:${hours.toString(36)}`;
		})
		.join(" ");
}

const rows = Object.entries(MILLIONS).map(([country, millions]) => `\t["${country}", ${millions}, "${encode(holidaysOf(country))}"],`);
writeFileSync(
	OUT,
	`// Made by infra/calendar/generate-holidays.ts from date-holidays (data CC BY 3.0, https://github.com/commenthol/date-holidays). Do not edit.

/** Country, millions of people, public holidays ${FROM_YEAR} to ${TO_YEAR}: see \`holidays.ts\` for how they are written. */
export const HOLIDAY_TABLE: readonly (readonly [country: string, millions: number, holidays: string])[] = [
${rows.join("\n")}
];
`,
);
