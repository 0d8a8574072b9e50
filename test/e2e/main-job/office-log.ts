/** A generated access log with what a run of it must report. */
export interface OfficeLog {
	readonly csv: string;
	/** Usable rows. */
	readonly rows: number;
	/** Usable rows before a day such as `2024-03-06`. */
	rowsBefore(day: string): number;
	/** Requests that they stand for. */
	readonly requests: number;
	/** Partitions whose users are elsewhere than where they were first touched, as the data API names them. */
	readonly movers: readonly string[];
	readonly rowsSkipped: Readonly<Record<string, number>>;
}

const MONDAY_MS = Date.UTC(2024, 2, 4);
const DAY_MS = 86_400_000;
const DAYS = 4;
const HOUR_MS = 3_600_000;

interface Access {
	readonly atMs: number;
	readonly partition: string;
	readonly country: string;
}

/** Rows that cannot be used, each with its reason. */
const BAD_ROWS: readonly (readonly [string, string])[] = [
	["yesterday,acme,JP,write,1", "bad-time"],
	["2024-02-30T10:00:00Z,acme,JP,write,1", "bad-time"],
	["2024-03-05T10:00:00Z,acme,QQ,write,1", "unknown-country"],
	["2024-03-05T10:00:00Z,,JP,write,1", "no-partition"],
	["2024-03-05T10:00:00Z,acme,JP,write", "bad-row"],
	["2024-03-05T10:00:00Z,acme,JP,remove,1", "bad-op"],
	["2024-03-05T10:00:00Z,acme,JP,write,-3", "bad-count"],
];

/**
 * Four days: `acme/tokyo` and `acme/dublin` are set up in the United States and then used from Japan and Ireland,
 * `globex` goes from the United States to Japan after one day, `initech` stays in Ireland. Every fourth access reads.
 */
export function officeLog(): OfficeLog {
	const accesses = [
		at("acme/tokyo", "US", [0], [8]),
		at("acme/tokyo", "JP", days(1, DAYS), [1, 6]),
		at("acme/dublin", "US", [0], [9]),
		at("acme/dublin", "IE", days(1, DAYS), [9, 12, 15]),
		at("globex", "US", [0], [16, 17]),
		at("globex", "JP", days(1, DAYS), [2, 7]),
		at("initech", "IE", days(0, DAYS), [10]),
	].flat();
	accesses.sort((a, b) => a.atMs - b.atMs);
	const lines = accesses.map(toLine);
	for (const [index, [line]] of BAD_ROWS.entries()) lines.splice(5 + 10 * index, 0, line);
	const rowsSkipped: Record<string, number> = {};
	for (const [, reason] of BAD_ROWS) rowsSkipped[reason] = (rowsSkipped[reason] ?? 0) + 1;
	return {
		csv: `ts,partition,country,op,count\n${lines.join("\n")}\n`,
		rows: accesses.length,
		rowsBefore: (day) => accesses.filter(({ atMs }) => atMs < Date.parse(day)).length,
		requests: accesses.reduce((sum, _, index) => sum + countOf(index), 0),
		movers: ["acme:tokyo", "acme:dublin", "globex"],
		rowsSkipped,
	};
}

const days = (from: number, until: number): readonly number[] => Array.from({ length: until - from }, (_, index) => from + index);

const at = (partition: string, country: string, onDays: readonly number[], hours: readonly number[]): Access[] =>
	onDays.flatMap((day) => hours.map((hour) => ({ atMs: MONDAY_MS + day * DAY_MS + hour * HOUR_MS, partition, country })));

const countOf = (index: number): number => (index % 10 === 9 ? 2 : 1);

const toLine = ({ atMs, partition, country }: Access, index: number): string =>
	[new Date(atMs).toISOString(), partition, country, index % 4 === 3 ? "read" : "write", countOf(index)].join(",");
