import { createHash } from "node:crypto";
import type { Once } from "#domain/partition/item.ts";
import { receiptKey } from "#domain/partition/receipt.ts";
import type { BatchOperation, IncomingRequest, ItemOperation } from "#lambdas/serve-data/data-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** What a request with an idempotency key asks for: writes that happen once, each under a receipt of its own. */
export type Idempotency = Omit<Once, "bucket">;

const VISIBLE = /^[\x21-\x7e]{1,255}$/;

/** Reads `Idempotency-Key`; a quoted string counts as what is inside. @throws ProblemError `idempotency.key-invalid` */
export function parseIdempotencyKey(headers: IncomingRequest["headers"]): string | undefined {
	const text = headers["idempotency-key"]?.trim();
	if (text === undefined) return undefined;
	const key = text.length > 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
	if (!VISIBLE.test(key)) throw new ProblemError("idempotency.key-invalid");
	return key;
}

/** The receipt of a single write. The key is the client's for a partition, whatever the item. */
export const onceFor = (key: string, operation: ItemOperation): Idempotency => receiptOf(key, 0, fingerprintOf(operation));

/** The receipt of the batch's write number `ordinal`, counted among its writes: what was done of a batch is not done again. */
export const onceInBatch = (key: string, ordinal: number, batchFingerprint: string): Idempotency =>
	receiptOf(key, ordinal, batchFingerprint);

/** Tells a batch from every other request. */
export const fingerprintOfBatch = ({ operations }: BatchOperation): string =>
	hashed("batch", ...operations.map((operation) => fingerprintOf(operation)));

/** Tells a request from others: what is written where and under which condition. */
export function fingerprintOf(operation: ItemOperation): string {
	switch (operation.kind) {
		case "get":
			return hashed("get", operation.key);
		case "put": {
			const { key, contentType, precondition, body } = operation;
			return hashed("put", key, contentType, JSON.stringify(precondition), createHash("sha256").update(body).digest("base64url"));
		}
		case "delete":
			return hashed("delete", operation.key, JSON.stringify(operation.precondition));
	}
}

const receiptOf = (key: string, ordinal: number, fingerprint: string): Idempotency => ({
	key: receiptKey(hashed("receipt", key, String(ordinal))),
	fingerprint,
});

const hashed = (...parts: readonly string[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
