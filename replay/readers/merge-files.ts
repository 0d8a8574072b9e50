import type { AccessRow } from "#replay/readers/access-row.ts";
import type { LogFileEntry } from "#replay/readers/list-files.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { readFileRows } from "#replay/readers/read-file-rows.ts";
import { inTimeOrder } from "#replay/readers/reorder.ts";
import type { RowContext } from "#replay/readers/rows/row-context.ts";
import { SkipCounts } from "#replay/readers/skips.ts";

/** Rows held back for each file that is open: CloudFront sorts its files but roughly. */
const FILE_WINDOW_ROWS = 2_000;
const BATCH_ROWS = 5_000;
/** Lines of the n-th file are numbered from n times this on, so that a line names a row. */
const LINES_A_FILE = 2 ** 32;

interface PlannedFile {
	readonly path: string;
	/** About when it begins; -Infinity for a file without a usable row, which is read first for its counts. */
	readonly startMs: number;
}

/**
 * Rows of several files in about the order of time. A file is opened when the rows before it have been given out, so that of a folder of
 * hourly logs only those of the same hours are open at once.
 *
 * @param ignored is told of files found in a folder that are no logs
 * @throws LogError where a file that was named cannot be used, or where none of a folder can
 */
export async function* mergeFiles(
	files: readonly LogFileEntry[],
	context: RowContext,
	skipped: SkipCounts,
	ignored: string[],
): AsyncGenerator<readonly AccessRow[]> {
	const waiting = await planFiles(files, context, ignored);
	const open: Cursor[] = [];
	let batch: AccessRow[] = [];
	try {
		for (let opened = 0; ; ) {
			const next = earliest(open);
			const planned = waiting[opened];
			if (planned !== undefined && (next === undefined || planned.startMs <= next.tsMs)) {
				const cursor = new Cursor(inTimeOrder(readFileRows(planned.path, context, skipped), skipped, FILE_WINDOW_ROWS), opened);
				opened += 1;
				if (await cursor.load()) open.push(cursor);
				continue;
			}
			if (next === undefined) break;
			batch.push(next.row);
			if (!next.step() && !(await next.load())) open.splice(open.indexOf(next), 1);
			if (batch.length < BATCH_ROWS) continue;
			yield batch;
			batch = [];
		}
		if (batch.length > 0) yield batch;
	} finally {
		await Promise.all(open.map((cursor) => cursor.close()));
	}
}

async function planFiles(files: readonly LogFileEntry[], context: RowContext, ignored: string[]): Promise<readonly PlannedFile[]> {
	const planned: PlannedFile[] = [];
	let firstError: LogError | undefined;
	for (const { path, found } of files) {
		try {
			planned.push({ path, startMs: await startOf(path, context) });
		} catch (error) {
			if (!(error instanceof LogError) || !found) throw error;
			firstError ??= error;
			ignored.push(error.message);
		}
	}
	if (planned.length === 0 && firstError !== undefined) throw firstError;
	return planned.sort((a, b) => a.startMs - b.startMs);
}

async function startOf(path: string, context: RowContext): Promise<number> {
	for await (const rows of readFileRows(path, context, new SkipCounts())) {
		return rows.reduce((least, { tsMs }) => Math.min(least, tsMs), Number.POSITIVE_INFINITY);
	}
	return Number.NEGATIVE_INFINITY;
}

const earliest = (open: readonly Cursor[]): Cursor | undefined =>
	open.reduce<Cursor | undefined>((best, cursor) => (best === undefined || cursor.tsMs < best.tsMs ? cursor : best), undefined);

/** A place in the rows of one file. */
class Cursor {
	readonly #batches: AsyncGenerator<readonly AccessRow[]>;
	readonly #firstLine: number;
	#batch: readonly AccessRow[] = [];
	#index = 0;

	constructor(batches: AsyncGenerator<readonly AccessRow[]>, fileIndex: number) {
		this.#batches = batches;
		this.#firstLine = fileIndex * LINES_A_FILE;
	}

	/** Goes to the next row of what has been read; whether there is one. */
	step(): boolean {
		this.#index += 1;
		return this.#index < this.#batch.length;
	}

	/** Reads on and goes to the first row of it; whether there is one. */
	async load(): Promise<boolean> {
		const next = await this.#batches.next();
		this.#batch = next.done === true ? [] : next.value;
		this.#index = 0;
		return next.done !== true && (this.#batch.length > 0 || this.load());
	}

	get tsMs(): number {
		return this.#batch[this.#index]?.tsMs ?? Number.POSITIVE_INFINITY;
	}

	get row(): AccessRow {
		const row = this.#batch[this.#index];
		if (row === undefined) throw new Error("a cursor is read only while it stands on a row");
		return { ...row, line: this.#firstLine + row.line };
	}

	async close(): Promise<void> {
		await this.#batches.return(undefined);
	}
}
