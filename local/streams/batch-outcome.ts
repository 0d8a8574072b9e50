import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";

/** What a function did with a batch: everything, or everything before the record with this sequence number, or nothing. */
export type BatchOutcome =
	| { readonly kind: "done" }
	| { readonly kind: "failed-from"; readonly sequenceNumber: string }
	| { readonly kind: "failed"; readonly reason: string };

/**
 * Reads the answer of a function that reports partial failures.
 *
 * @param sequenceNumbers of the batch, ascending; the lowest reported failure counts, and an unknown one fails the whole batch
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function batchOutcome(outcome: LambdaOutcome, sequenceNumbers: readonly string[]): BatchOutcome {
	if (!outcome.ok) return { kind: "failed", reason: `${outcome.errorType}: ${outcome.errorMessage}` };
	const failures = (outcome.payload as { batchItemFailures?: readonly { itemIdentifier?: string }[] } | null)?.batchItemFailures ?? [];
	if (failures.length === 0) return { kind: "done" };
	const failed = new Set(failures.map((failure) => failure.itemIdentifier ?? ""));
	if ([...failed].some((identifier) => !sequenceNumbers.includes(identifier)))
		return { kind: "failed", reason: "an unknown record was reported" };
	const first = sequenceNumbers.find((sequenceNumber) => failed.has(sequenceNumber)) as string;
	return { kind: "failed-from", sequenceNumber: first };
}
