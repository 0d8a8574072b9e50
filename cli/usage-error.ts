import { OperatingError } from "#domain/shared/errors.ts";

/** The command line asks for something that cannot be; the message is one line saying what would be right. */
export class UsageError extends OperatingError {
	override name = "UsageError";
	constructor(message: string) {
		super(message, { code: "cli.usage", retryable: false });
	}
}
