import { OperatingError } from "#domain/shared/errors.ts";

/** Nothing answers where the deployment should be, or what answers is no admin API. */
export class UnreachableError extends OperatingError {
	override name = "UnreachableError";
	constructor(message: string, cause?: unknown) {
		super(message, { code: "cli.unreachable", retryable: true, cause });
	}
}

/** The admin API refused: its own code and words. */
export class AdminRefusal extends OperatingError {
	override name = "AdminRefusal";
	readonly status: number;
	constructor(status: number, code: string, detail: string) {
		super(detail, { code, retryable: status >= 500 });
		this.status = status;
	}
}
