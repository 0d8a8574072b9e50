import { OperatingError } from "#domain/shared/errors.ts";

/** What a thread found wrong with what it was given. The message is one line that says what would be right; retrying does not help. */
export class ExplainedFailure extends OperatingError {
	override name = "ExplainedFailure";
	constructor(message: string) {
		super(message, { code: "cli.explained", retryable: false });
	}
}
