import { DEFAULT_BUCKETS } from "#domain/partition/settings.ts";
import type { IncomingRequest } from "#lambdas/serve-data/data-request.ts";
import { parseHints } from "#lambdas/serve-data/parse-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** What requests under way may hold at once of a function's memory; the rest is for code, fences and connections. */
const SHARE_OF_MEMORY = 0.25;

/**
 * Bytes that a request holds beside its body, at most: one item read; of a list, for each bucket a page of 1 MB, as the store's JSON (four bytes
 * for three) and as items; answers of a batch. A test holds these to a process's memory.
 */
const HELD = { item: 768 * 1024, bucketOfList: 2.5 * 1024 * 1024, batch: 6 * 1024 * 1024 } as const;

/** A body is held as text, as bytes, and once more as the request to the store. */
const COPIES_OF_BODY = 3;

/**
 * Bounds the bytes that requests under way hold, so that a host which runs many at once (a container, a Lambda with several at a time)
 * answers 503 while it still can instead of dying with all of them. One request alone is always let in.
 */
export class Admission {
	readonly #maxBytes: number;
	#bytes = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** For a function with so much memory. */
	static forMemory(memoryMb: number): Admission {
		return new Admission(memoryMb * 1024 * 1024 * SHARE_OF_MEMORY);
	}

	/** Bytes of requests under way. */
	get heldBytes(): number {
		return this.#bytes;
	}

	/** Runs `work` while its bytes are counted. @throws ProblemError `load.shed`, with nothing begun */
	async during<T>(bytes: number, work: () => Promise<T>): Promise<T> {
		if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) throw new ProblemError("load.shed");
		this.#bytes += bytes;
		try {
			return await work();
		} finally {
			this.#bytes -= bytes;
		}
	}
}

/** What a request will hold, told by its looks before it is understood. */
export function bytesOf({ method, path, headers, body }: Pick<IncomingRequest, "method" | "path" | "headers" | "body">): number {
	return body.byteLength * COPIES_OF_BODY + heldBeside(method, path, headers);
}

function heldBeside(method: string, path: string, headers: IncomingRequest["headers"]): number {
	if (method === "POST") return HELD.batch;
	if (!path.endsWith("/items")) return HELD.item;
	// all of a partition's buckets are read at once; without a hint it has as many as partitions are made with
	return HELD.bucketOfList * Math.max(DEFAULT_BUCKETS, parseHints(headers).buckets ?? 0);
}
