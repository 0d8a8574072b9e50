import { OperatingError } from "#domain/shared/errors.ts";

/** What can be wrong with an access log as a whole. */
export type LogErrorCode =
	| "log.missing"
	| "log.unreadable"
	| "log.empty"
	| "log.bad-header"
	| "log.corrupt-gzip"
	| "log.corrupt-parquet"
	| "log.not-text"
	| "log.no-usable-row"
	| "log.not-sorted"
	| "log.future";

/** An access log that cannot be used. The message is one line that names the file and what would be right. Retrying does not help. */
export class LogError extends OperatingError {
	override name = "LogError";
	constructor(code: LogErrorCode, file: string, problem: string, cause?: unknown) {
		super(`${file}: ${problem}`.replaceAll(/\s+/g, " "), {
			code,
			retryable: false,
			details: { file },
			...(cause === undefined ? {} : { cause }),
		});
	}
}
