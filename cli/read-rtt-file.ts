import { readFileSync } from "node:fs";
import { UsageError } from "#cli/usage-error.ts";
import type { RttMatrix } from "#domain/geography/round-trip-time.ts";

const MAX_RTT_MS = 60_000;

/** Reads a square CSV matrix of round-trip times in ms: regions in the first row and the first column. @throws UsageError */
export function readRttFile(file: string): RttMatrix {
	const [header = [], ...rows] = readText(file)
		.split(/\r?\n/)
		.filter((line) => line.trim() !== "")
		.map((line) => line.split(",").map((cell) => cell.trim()));
	const columns = header.slice(1);
	if (columns.length === 0 || rows.length === 0) throw problem(file, "expected regions in the first row and the first column");
	return Object.fromEntries(rows.map((cells) => [cells[0] ?? "", readRow(file, columns, cells)]));
}

function readRow(file: string, columns: readonly string[], cells: readonly string[]): Record<string, number> {
	const [from = "", ...values] = cells;
	if (values.length !== columns.length) throw problem(file, `the row of ${from} has ${values.length} values for ${columns.length} regions`);
	return Object.fromEntries(
		columns.map((to, index) => {
			const text = values[index] ?? "";
			const rttMs = text === "" ? Number.NaN : Number(text);
			if (!(rttMs >= 0 && rttMs <= MAX_RTT_MS)) throw problem(file, `${from} to ${to} is ${JSON.stringify(text)}, expected milliseconds`);
			return [to, rttMs];
		}),
	);
}

function readText(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		throw problem(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}); give a CSV matrix of milliseconds`);
	}
}

const problem = (file: string, text: string): UsageError => new UsageError(`--rtt ${file}: ${text}`);
