import * as z from "zod";
import { canaryStepsSchema, planActionSchema } from "#domain/migration/plan-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";

const migrationId = z
	.string()
	.regex(/^[A-Za-z0-9_-]{1,76}$/, "expected 1 to 76 of A-Z a-z 0-9 _ -, which leaves room for a restart's suffix");

/** The input of an execution, as `StartExecution` got it. */
export const requestSchema = z.strictObject({
	migrationId,
	attempt: z.int().min(1).exactOptional(),
	partition: partitionSchema,
	epoch: z.int().min(1),
	actions: z.array(planActionSchema).min(1).max(10).readonly(),
	requestedBy: z.enum(["placement", "operator", "recovery"]),
	decisionId: z.string().max(1024).exactOptional(),
	soakSeconds: z.number().min(0).max(86_400).exactOptional(),
	canary: canaryStepsSchema.exactOptional(),
});

/** The input of every stage but Plan. `error` is what a Catch of the state machine caught. */
export const stageSchema = z.strictObject({
	migrationId,
	error: z.looseObject({ Error: z.string().optional(), Cause: z.string().optional() }).optional(),
});

/** Why a Catch came to Cancel, in words: the error's name and, where the Lambda service wrapped one, its message. */
export function reasonOf(error: z.infer<typeof stageSchema>["error"]): string | undefined {
	if (error === undefined) return undefined;
	const { Error: name = "Error", Cause: cause = "" } = error;
	return `${name}: ${messageIn(cause)}`;
}

function messageIn(cause: string): string {
	try {
		const parsed = z.looseObject({ errorMessage: z.string() }).safeParse(JSON.parse(cause));
		return parsed.success ? parsed.data.errorMessage : cause;
	} catch {
		return cause;
	}
}
