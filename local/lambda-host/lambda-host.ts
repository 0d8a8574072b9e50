import type { RegionId } from "#domain/geography/region-id.ts";
import type { Activity } from "#local/clock/local-clock.ts";

export interface LambdaCall {
	/** Name in infra/description/functions.ts. */
	readonly function: string;
	/** Where it runs; for Lambda@Edge the deployed region nearest to the viewer. */
	readonly region: RegionId;
	readonly event: unknown;
	/** The chain of work the invocation belongs to; the caller ends it. */
	readonly activity: Activity;
}

/** What the Lambda service answers: the handler's value, or an error with the name that ASL `ErrorEquals` matches. */
export type LambdaOutcome =
	| { readonly ok: true; readonly payload: unknown }
	| { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

/** Runs functions in sandboxes: one thread an instance, one invocation at a time, terminated at the timeout. */
export interface LambdaHost {
	invoke(call: LambdaCall): Promise<LambdaOutcome>;
}
