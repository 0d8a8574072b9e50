import { OperatingError } from "#domain/shared/errors.ts";

/** The log line of a stage that failed; a defect's has its stack. */
export function failureLine(stage: string, migrationId: string, error: unknown): Readonly<Record<string, unknown>> {
	const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
	const known = error instanceof OperatingError ? { code: error.code, retryable: error.retryable, details: error.details } : { stack };
	return { level: "error", event: "migration.stage-failed", migrationId, stage, name, message, ...known };
}
