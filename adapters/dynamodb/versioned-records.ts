import { isDeepStrictEqual } from "node:util";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UnavailableError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

/** What became of a conditional write: it holds, or somebody was faster and `current` is what is there. */
export type VersionedWrite<T> =
	| { readonly kind: "written"; readonly record: T }
	| { readonly kind: "conflict"; readonly current: T | undefined };

/** The condition that nothing is there yet. */
export const ABSENT = { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": KEY.partitionKey } };

/** The condition that what is there is the version before this one. */
export const follows = ({ version }: { readonly version: number }) => ({
	ConditionExpression: "#version = :before",
	ExpressionAttributeNames: { "#version": "version" },
	ExpressionAttributeValues: { ":before": version - 1 },
});

/**
 * Puts a record under a condition. The SDK repeats a request whose answer was lost, and the condition then fails on this very write: so
 * what is there is compared with it.
 *
 * @param asStored the record as it reads back
 */
export async function putVersioned<T>(
	record: T,
	put: () => Promise<unknown>,
	readBack: () => Promise<T | undefined>,
	asStored: (record: T) => T,
): Promise<VersionedWrite<T>> {
	try {
		await put();
		return { kind: "written", record };
	} catch (error) {
		if (!(error instanceof ConditionalCheckFailedException)) throw error;
		const current = await readBack();
		return isDeepStrictEqual(current, asStored(record)) ? { kind: "written", record } : { kind: "conflict", current };
	}
}

/** Failures that no retry mends: a wrong request, table or permission. They pass as they are, for they are defects of the deployment. */
const DEFECTS = new Set(["ValidationException", "ResourceNotFoundException", "AccessDeniedException", "SerializationException"]);

/** Makes calls to a table whose failures, but for failed conditions and defects, are thrown as `UnavailableError` with this code. */
export const callsTo =
	(table: string, code: string) =>
	async <T>(call: () => Promise<T>): Promise<T> => {
		try {
			return await call();
		} catch (error) {
			if (error instanceof ConditionalCheckFailedException || (error instanceof Error && DEFECTS.has(error.name))) throw error;
			throw new UnavailableError(`${table} cannot be reached`, { code, cause: error });
		}
	};
