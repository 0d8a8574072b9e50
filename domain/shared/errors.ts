export interface OperatingErrorOptions {
	readonly code: string;
	/** Whether the same call may succeed later without any change. */
	readonly retryable: boolean;
	readonly details?: Readonly<Record<string, unknown>>;
	readonly cause?: unknown;
}

/**
 * The base of every expected failure. Bugs are not operating errors: they hit `assert` and stop the invocation.
 *
 * `name` is a literal in every subclass, because ASL `ErrorEquals` matches it and bundlers rename classes.
 */
export class OperatingError extends Error {
	override name = "OperatingError";
	/** Dotted and stable, for example `migration.catch-up-timeout`. */
	readonly code: string;
	readonly retryable: boolean;
	readonly details: Readonly<Record<string, unknown>>;

	constructor(message: string, options: OperatingErrorOptions) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = options.code;
		this.retryable = options.retryable;
		this.details = options.details ?? {};
	}
}

/** A store, endpoint or region could not be reached or was throttled; the outcome of a write is unknown. Retry helps. */
export class UnavailableError extends OperatingError {
	override name = "UnavailableError";
	constructor(message: string, options: Partial<OperatingErrorOptions> = {}) {
		super(message, { code: "store.unavailable", retryable: true, ...options });
	}
}

/** The time that was given for the request is over; what was asked for has not been begun. Retry helps, with more time. */
export class DeadlineError extends OperatingError {
	override name = "DeadlineError";
	constructor(message = "the time for this request is over", options: Partial<OperatingErrorOptions> = {}) {
		super(message, { code: "deadline.exceeded", retryable: true, ...options });
	}
}
