import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { UnavailableError } from "#domain/shared/errors.ts";

/** What the failure of one attempt says about its effect. */
export const Failure = {
	/** A condition did not hold; nothing was written. */
	Condition: "condition",
	/** Throttled, in conflict with a transaction, or never sent; nothing was written and a retry may succeed. */
	NotApplied: "not-applied",
	/** The answer was lost or the service failed: it may have been written. */
	Unknown: "unknown",
	/** Wrong request, table or permission: a defect, which no retry mends. */
	Defect: "defect",
} as const;
export type Failure = (typeof Failure)[keyof typeof Failure];

const NOT_APPLIED = new Set([
	"ProvisionedThroughputExceededException",
	"RequestLimitExceeded",
	"ThrottlingException",
	"Throttling",
	"ThrottlingError",
	"LimitExceededException",
	"ProvisionedThroughputExceeded",
	"TransactionConflictException",
	"TransactionConflict",
	"ReplicatedWriteConflictException",
	// Connections that never came about.
	"ECONNREFUSED",
	"ENOTFOUND",
	"EAI_AGAIN",
]);
const DEFECTS = new Set(["ValidationException", "ResourceNotFoundException", "AccessDeniedException", "SerializationException"]);
const CLIENT_FAULTS = new Set(["ItemCollectionSizeLimitExceededException", "UnrecognizedClientException", "InvalidSignatureException"]);

const CONDITION_REASON = "ConditionalCheckFailed";

/** The one place that reads SDK errors. Of a cancelled transaction, anything worth a retry wins over a failed condition. */
export function classifyFailure(error: unknown): Failure {
	if (error instanceof ConditionalCheckFailedException) return Failure.Condition;
	if (error instanceof TransactionCanceledException) return classifyReasons(cancellationCodes(error));
	const names = namesOf(error);
	if (names.some((name) => NOT_APPLIED.has(name))) return Failure.NotApplied;
	if (names.some((name) => DEFECTS.has(name) || CLIENT_FAULTS.has(name)) || error instanceof TypeError) return Failure.Defect;
	return Failure.Unknown;
}

/** The reason code of each action of a cancelled transaction, in the order of the actions; `None` where it did not fail. */
export const cancellationCodes = (error: TransactionCanceledException): readonly string[] =>
	(error.CancellationReasons ?? []).map((reason) => reason.Code ?? "None");

/** Whether action `index` of a cancelled transaction failed its condition. */
export const conditionFailedAt = (error: unknown, index: number): boolean =>
	error instanceof TransactionCanceledException && cancellationCodes(error)[index] === CONDITION_REASON;

/** The error callers see when attempts are used up or the outcome is unknown. */
export const unavailable = (operation: string, cause: unknown): UnavailableError =>
	new UnavailableError(`the data table did not answer ${operation}`, { details: { operation }, cause });

function classifyReasons(codes: readonly string[]): Failure {
	const failed = codes.filter((code) => code !== "None");
	if (failed.some((code) => NOT_APPLIED.has(code))) return Failure.NotApplied;
	if (failed.length > 0 && failed.every((code) => code === CONDITION_REASON)) return Failure.Condition;
	return failed.some((code) => code === "ValidationError") ? Failure.Defect : Failure.Unknown;
}

function namesOf(error: unknown): readonly string[] {
	if (!(error instanceof Error)) return [];
	const code = "code" in error && typeof error.code === "string" ? [error.code] : [];
	return [error.name, ...code];
}
