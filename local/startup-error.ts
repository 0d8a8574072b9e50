import { OperatingError } from "#domain/shared/errors.ts";

/** The local cloud cannot start. The message is one line that names what is wrong and what would be right; a retry does not help. */
export class StartupError extends OperatingError {
	override name = "StartupError";
	/** @param code what follows `startup.`, for example `engine-missing`. */
	constructor(code: string, message: string, cause?: unknown) {
		super(message, { code: `startup.${code}`, retryable: false, ...(cause === undefined ? {} : { cause }) });
	}
}

/** The `code` of a Node or SQLite error, or its message where it has none. */
export const reasonOf = (error: unknown): string => {
	const { code, message } = error as { code?: unknown; message?: unknown };
	return typeof code === "string" ? code : String(message ?? error);
};
