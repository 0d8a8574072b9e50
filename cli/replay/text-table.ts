/** A column of a table: numbers stand to the right. */
export interface TextColumn<Row> {
	readonly title: string;
	readonly cell: (row: Row) => string;
	/** Where the width does not suffice, columns with the highest number go first; without one it stays. */
	readonly giveUp?: number;
	readonly left?: boolean;
}

const GAP = "  ";

/** Rows under their titles, no wider than `width` as long as columns can be given up; the widest first column is cut last. Pure. */
export function renderTextTable<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[], width: number): readonly string[] {
	let shown = columns;
	let widths = widthsOf(shown, rows);
	while (totalOf(widths) > width && shown.some(({ giveUp }) => giveUp !== undefined)) {
		const worst = Math.max(...shown.map(({ giveUp }) => giveUp ?? Number.NEGATIVE_INFINITY));
		shown = shown.filter(({ giveUp }) => giveUp !== worst);
		widths = widthsOf(shown, rows);
	}
	const line = (cells: readonly string[]): string =>
		cells
			.map((cell, index) => (shown[index]?.left === true ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
			.join(GAP)
			.trimEnd();
	return [line(shown.map(({ title }) => title)), ...rows.map((row) => line(shown.map(({ cell }) => cell(row))))];
}

/** How wide a table is with all of its columns. Pure. */
export const widthOfTable = <Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[]): number => totalOf(widthsOf(columns, rows));

const widthsOf = <Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[]): readonly number[] =>
	columns.map(({ title, cell }) => Math.max(title.length, ...rows.map((row) => cell(row).length)));

const totalOf = (widths: readonly number[]): number => widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length);

/** Words in lines of at most `width`; a longer word has a line of its own. Pure. */
export function wrapText(text: string, width: number): readonly string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		if (line !== "" && line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line];
}

/** A name of a log for a terminal: on one line, without anything the terminal would obey, and not too long. */
export function showName(name: string, length = 40): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
	const clean = name.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "?");
	return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}
