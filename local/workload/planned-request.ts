import { createHash } from "node:crypto";
import { hash64 } from "#domain/ring/hash.ts";
import { AccessOp, type AccessRow } from "#replay/readers/access-row.ts";

/** Keys an access may touch within its partition: few enough that they are written again and again. */
export const KEYS_PER_PARTITION = 16;
/** A row that stands for more accesses is played as this many requests; the rest is counted as truncated. */
export const MAX_REPEATS = 100;
/** The largest body that the data API takes. */
const MAX_BODY_BYTES = 256 * 1024;

/** One HTTP request of the workload. The same row and seed always give the same request. */
export interface PlannedRequest {
	/** Position in the workload, from 0. */
	readonly index: number;
	/** When it is due, in the log's time; grows by at least 1 ms from request to request, so that a run repeats. */
	readonly atMs: number;
	readonly row: AccessRow;
	/** 0-based, below the row's count. */
	readonly repeat: number;
	/** Accesses of the row that are not played; above 0 only for its first request. */
	readonly truncated: number;
	readonly key: string;
}

/** Requests of rows in order of time, one for each access up to {@link MAX_REPEATS} a row. */
export async function* planRequests(batches: AsyncIterable<readonly AccessRow[]>, seed: number): AsyncGenerator<PlannedRequest> {
	let index = 0;
	let atMs = Number.NEGATIVE_INFINITY;
	for await (const rows of batches) {
		for (const row of rows) {
			const repeats = Math.min(row.count, MAX_REPEATS);
			for (let repeat = 0; repeat < repeats; repeat += 1) {
				atMs = Math.max(row.tsMs, atMs + 1);
				const truncated = repeat === 0 ? row.count - repeats : 0;
				yield { index, atMs, row, repeat, truncated, key: keyOf(row, repeat, seed) };
				index += 1;
			}
		}
	}
}

const keyOf = (row: AccessRow, repeat: number, seed: number): string =>
	`k${Number(hash64(`${seed}/${row.line}/${repeat}`) % BigInt(KEYS_PER_PARTITION))}`;

/** Whether the request reads; everything that is not said to read writes. */
export const isRead = (request: PlannedRequest): boolean => request.row.op === AccessOp.Read;

/** Path of an item, percent-encoded. */
export const itemPath = (partition: string, key: string): string =>
	`/v1/partitions/${encodeURIComponent(partition)}/items/${encodeURIComponent(key)}`;

/** The viewer's headers: where the request comes from, and a client that stays the same for region and partition. */
export const viewerHeaders = ({ row }: PlannedRequest): Record<string, string> => ({
	"x-viewer-region": row.region,
	"x-heliotrope-client-id": `c${hash64(`${row.region}/${row.partition}`).toString(36)}`,
	...(row.segment === undefined ? {} : { "x-heliotrope-segment": row.segment }),
});

/** What a write stores: JSON that names the write, padded to the row's bytes where it says how many. */
export function bodyOf(request: PlannedRequest, seed: number): Buffer {
	const { row, repeat, key } = request;
	const text = JSON.stringify({ partition: row.partition, key, line: row.line, repeat, seed });
	const padding = Math.min(row.bytes ?? 0, MAX_BODY_BYTES) - Buffer.byteLength(text);
	return Buffer.from(padding > 0 ? text + " ".repeat(padding) : text);
}

/** What the ledger remembers of a body: 128 bits of its SHA-256, in hex. */
export const digestOf = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex").slice(0, 32);
