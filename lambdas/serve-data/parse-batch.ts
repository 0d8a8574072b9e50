import * as z from "zod";
import type { BatchOperation, ItemOperation } from "#lambdas/serve-data/data-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { checkBody, checkContentType, checkKey, parsePrecondition } from "#lambdas/serve-data/validate.ts";

const MAX_OPERATIONS = 25;

const entrySchema = z.discriminatedUnion("method", [
	z.strictObject({ method: z.literal("GET"), key: z.string(), ifNoneMatch: z.string().optional() }),
	z.strictObject({
		method: z.literal("PUT"),
		key: z.string(),
		body: z.string(),
		/** How `body` is written in the JSON text. */
		encoding: z.enum(["utf8", "base64"]).default("utf8"),
		contentType: z.string().optional(),
		ifMatch: z.string().optional(),
		ifNoneMatch: z.string().optional(),
	}),
	z.strictObject({ method: z.literal("DELETE"), key: z.string(), ifMatch: z.string().optional() }),
]);
const batchSchema = z.strictObject({ operations: z.array(entrySchema).min(1).max(MAX_OPERATIONS) });

/** Reads `{"operations":[{"method":"PUT","key":"a","body":"...","encoding":"utf8"}, ...]}`. @throws ProblemError: a batch is taken whole or not at all. */
export function parseBatch(body: Uint8Array): BatchOperation {
	const batch = batchSchema.safeParse(parseJson(body));
	if (!batch.success) throw new ProblemError("request.invalid", z.prettifyError(batch.error).slice(0, 500));
	return { kind: "batch", operations: batch.data.operations.map(operationOf) };
}

function operationOf(entry: z.output<typeof entrySchema>): ItemOperation {
	const key = checkKey(entry.key);
	switch (entry.method) {
		case "GET":
			return { kind: "get", key, ...(entry.ifNoneMatch !== undefined && { ifNoneMatch: entry.ifNoneMatch }) };
		case "PUT":
			return {
				kind: "put",
				key,
				body: checkBody(decode(entry.body, entry.encoding)),
				contentType: checkContentType(entry.contentType),
				precondition: parsePrecondition(entry.ifMatch, entry.ifNoneMatch),
			};
		case "DELETE":
			return { kind: "delete", key, precondition: parsePrecondition(entry.ifMatch, undefined) };
	}
}

/** With `+/` or `-_`, padded whole or not at all. Looks for what is wrong: a pattern of all that is right has no room for megabytes. */
function isBase64(text: string): boolean {
	const unpadded = text.replace(/={1,2}$/, "");
	if (unpadded.length % 4 === 1 || /[^\w+/-]/.test(unpadded)) return false;
	return unpadded.length === text.length || text.length % 4 === 0;
}

/** `Buffer` would keep what it can of a text that is neither. @throws ProblemError `request.invalid` */
function decode(text: string, encoding: "utf8" | "base64"): Buffer {
	if (encoding === "utf8" ? text.isWellFormed() : isBase64(text)) return Buffer.from(text, encoding);
	throw new ProblemError("request.invalid", `The body of a PUT is no ${encoding === "utf8" ? "Unicode text" : "base64"}.`);
}

function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
	} catch (cause) {
		throw new ProblemError("request.invalid", "The body is not JSON in UTF-8.", { cause });
	}
}
