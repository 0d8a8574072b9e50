import type { IncomingMessage } from "node:http";

/** Reads a body whole; `"too-large"` beyond `maxBytes`, the rest then being read and dropped so that an answer can still be sent. */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer | "too-large"> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of message as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size <= maxBytes) chunks.push(chunk);
		else chunks.length = 0;
	}
	return size > maxBytes ? "too-large" : Buffer.concat(chunks);
}

/** What a reader may see of a body: its first `maxBytes`, and whether that was all. The rest is read and dropped. */
export interface VisibleBody {
	readonly data: Buffer;
	readonly truncated: boolean;
}

export async function readVisible(message: IncomingMessage, maxBytes: number): Promise<VisibleBody> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of message as AsyncIterable<Buffer>) {
		if (size < maxBytes) chunks.push(chunk.subarray(0, maxBytes - size));
		size += chunk.length;
	}
	return { data: Buffer.concat(chunks), truncated: size > maxBytes };
}
