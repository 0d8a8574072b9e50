import * as z from "zod";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import { PROBLEMS, type ProblemCode } from "#lambdas/serve-data/problem.ts";

/** One operation of a batch. */
export type StoreOperation =
	| { readonly kind: "get"; readonly key: string }
	| {
			readonly kind: "put";
			readonly key: string;
			readonly body: Uint8Array | string;
			/** @default application/octet-stream */
			readonly contentType?: string;
			/** Write only over this version. */
			readonly ifMatch?: string;
			/** Write only where there is no item. */
			readonly ifAbsent?: boolean;
	  }
	| { readonly kind: "delete"; readonly key: string; readonly ifMatch?: string };

/** What one operation of a batch came to. */
export type StoreOutcome =
	| { readonly kind: "read"; readonly item: { readonly body: Uint8Array; readonly contentType: string; readonly etag: string } }
	| { readonly kind: "written"; readonly created: boolean; readonly etag: string }
	| { readonly kind: "deleted" }
	| { readonly kind: "not-found" }
	/** `etag` is not told: read the item to see what is there. */
	| { readonly kind: "precondition-failed" }
	/** Not done, by a code of the data API; `retryable` says whether the same operation may succeed later. */
	| { readonly kind: "failed"; readonly problem: ProblemCode; readonly retryable: boolean };

/** The body of a batch, as the data API takes it. */
export const batchBody = (operations: readonly StoreOperation[]): Uint8Array =>
	Buffer.from(JSON.stringify({ operations: operations.map(entryOf) }));

function entryOf(operation: StoreOperation): Readonly<Record<string, unknown>> {
	const { key } = operation;
	switch (operation.kind) {
		case "get":
			return { method: "GET", key };
		case "delete":
			return { method: "DELETE", key, ifMatch: operation.ifMatch };
		case "put": {
			const { body, contentType, ifMatch, ifAbsent } = operation;
			const text = Buffer.from(body).toString("base64");
			return { method: "PUT", key, body: text, encoding: "base64", contentType, ifMatch, ifNoneMatch: ifAbsent === true ? "*" : undefined };
		}
	}
}

const answerSchema = z.object({
	outcomes: z.array(
		z.object({
			status: z.number(),
			etag: z.string().optional(),
			contentType: z.string().optional(),
			/** base64 */
			body: z.string().optional(),
			code: z.string().optional(),
		}),
	),
});

/** The outcomes of a batch that was answered with 207, in the order of its operations. @throws ZodError where the answer is none */
export function outcomesOf({ body = new Uint8Array() }: Answer): readonly StoreOutcome[] {
	return answerSchema.parse(JSON.parse(Buffer.from(body).toString("utf8"))).outcomes.map(outcomeOf);
}

function outcomeOf({ status, etag = "", contentType, body = "", code }: z.infer<typeof answerSchema>["outcomes"][number]): StoreOutcome {
	if (code === "item.not-found" || code === "partition.unknown") return { kind: "not-found" };
	if (code === "precondition.failed") return { kind: "precondition-failed" };
	if (code !== undefined) {
		const problem = code in PROBLEMS ? (code as ProblemCode) : "internal";
		return { kind: "failed", problem, retryable: PROBLEMS[problem].status === 503 };
	}
	if (contentType !== undefined) return { kind: "read", item: { body: Buffer.from(body, "base64"), contentType, etag } };
	return status === 204 ? { kind: "deleted" } : { kind: "written", created: status === 201, etag };
}
