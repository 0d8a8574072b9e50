/** Longer lines are dropped and counted: no row of an access log comes near it, and memory stays flat. */
export const MAX_LINE_BYTES = 1 << 20;

const NEWLINE = 0x0a;

/** Consecutive lines of a text, without their ends. */
export interface Lines {
	/** 1-based number of the first of `texts` in the file. */
	readonly firstLine: number;
	readonly texts: readonly string[];
}

/**
 * Cuts bytes into lines as they come, some thousand at a time. A line above {@link MAX_LINE_BYTES} is never held: `onTooLong` hears
 * its number and the next line starts a new batch.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, onTooLong: (line: number) => void): AsyncGenerator<Lines> {
	let held: Buffer[] = [];
	let heldBytes = 0;
	let dropping = false;
	let line = 1;
	for await (const chunk of chunks) {
		let rest = chunk;
		if (dropping || heldBytes + rest.length > MAX_LINE_BYTES) {
			const end = rest.indexOf(NEWLINE);
			if (dropping || end < 0 || heldBytes + end > MAX_LINE_BYTES) {
				if (!dropping) onTooLong(line);
				held = [];
				heldBytes = 0;
				dropping = end < 0;
				if (dropping) continue;
				line += 1;
				rest = rest.subarray(end + 1);
			}
		}
		const last = rest.lastIndexOf(NEWLINE);
		if (last < 0) {
			held.push(rest);
			heldBytes += rest.length;
			continue;
		}
		const texts = decode([...held, rest.subarray(0, last)]);
		yield { firstLine: line, texts };
		line += texts.length;
		held = [rest.subarray(last + 1)];
		heldBytes = rest.length - last - 1;
	}
	if (heldBytes > 0 && !dropping) yield { firstLine: line, texts: decode(held) };
}

const decode = (parts: Buffer[]): string[] => Buffer.concat(parts).toString("utf8").split("\n").map(trimReturn);

const trimReturn = (text: string): string => (text.endsWith("\r") ? text.slice(0, -1) : text);
