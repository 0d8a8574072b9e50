import type { DescribeExecutionOutput } from "@aws-sdk/client-sfn";
import * as z from "zod";

/** What the Lambda service wraps a function's error in. */
const wrappedSchema = z.looseObject({ errorMessage: z.string() });
/** Characters that are passed on: a cause may hold a whole stack. */
const MAX_LENGTH = 1000;

/** Why an execution failed, in words: `name: message`; undefined where it did not. */
export function failureOf(execution: Pick<DescribeExecutionOutput, "error" | "cause"> | undefined): string | undefined {
	const parts = [execution?.error, messageIn(execution?.cause)].filter((part) => part !== undefined && part !== "");
	return parts.length === 0 ? undefined : parts.join(": ").slice(0, MAX_LENGTH);
}

function messageIn(cause: string | undefined): string | undefined {
	try {
		const parsed = wrappedSchema.safeParse(JSON.parse(cause ?? ""));
		return parsed.success ? parsed.data.errorMessage : cause;
	} catch {
		return cause;
	}
}
