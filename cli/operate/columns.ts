/** Rows under a heading, columns as wide as their widest cell; one line an element. Pure. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
	const lines = [heading.map((title) => title.toUpperCase()), ...rows];
	const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	return lines.map((line) =>
		line
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}

/** The fields of one thing, a line each: what is absent is left out, what is nested is written as JSON. Pure. */
export function renderFields(fields: Readonly<Record<string, unknown>>): readonly string[] {
	const present = Object.entries(fields).filter(([, value]) => value !== undefined);
	const width = Math.max(0, ...present.map(([name]) => name.length));
	return present.map(([name, value]) => `${name.padEnd(width)}  ${cellOf(value)}`);
}

/** One value in a cell; a dash for nothing. */
export function cellOf(value: unknown): string {
	if (value === undefined || value === null || value === "") return "-";
	if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.length === 0 ? "-" : value.join(",");
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}
