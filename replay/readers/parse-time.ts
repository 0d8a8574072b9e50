const ISO = /^(\d{4}-\d{2}-(\d{2}))(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const EPOCH = /^\d{9,13}(\.\d{1,9})?$/;
const TOO_FINE = /^\d{15,19}(\.\d+)?$/;
/** Above this an epoch is in milliseconds: as seconds it would be the year 5138. */
const MAX_EPOCH_SECONDS = 1e11;
/** The year 2200: nothing was logged later. */
const MAX_MS = Date.UTC(2200, 0);

/** Milliseconds since the Unix epoch of an ISO 8601 time (UTC where no offset is given) or a Unix epoch in s or ms; undefined if it is neither. */
export function parseTime(text: string): number | undefined {
	const value = EPOCH.test(text) ? fromEpoch(Number(text)) : fromIso(text);
	return value !== undefined && value >= 0 && value < MAX_MS ? value : undefined;
}

/** Whether a text that is no time for `parseTime` looks like an epoch in µs or ns. */
export const isTooFine = (text: string): boolean => TOO_FINE.test(text);

const fromEpoch = (value: number): number => Math.round(value < MAX_EPOCH_SECONDS ? value * 1000 : value);

function fromIso(text: string): number | undefined {
	const match = ISO.exec(text);
	if (match === null) return undefined;
	const [, date = "", day = "", time = "00:00", zone = "Z"] = match;
	const ms = Date.parse(`${date}T${time.replace(",", ".")}${offsetOf(zone)}`);
	if (Number.isNaN(ms)) return undefined;
	// Date.parse takes February 30th for March 2nd
	return Number(day) > 28 && new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day) ? undefined : ms;
}

const offsetOf = (zone: string): string => {
	if (zone === "Z" || zone === "z") return "Z";
	const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
	return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
};
