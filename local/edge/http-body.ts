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
