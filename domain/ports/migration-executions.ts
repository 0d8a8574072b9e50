import type { MigrationRequest } from "#domain/migration/request.ts";

/**
 * How an execution stands. `ended`: by itself, well or not. `gone`: somebody or something stopped it from outside, or no execution of
 * this name is known; that says nothing about whether the migration can go on.
 */
export type ExecutionState = "running" | "ended" | "gone";

/** Executions of the migrate state machine, by name. Every method throws `UnavailableError` when Step Functions cannot be reached. */
export interface MigrationExecutions {
	stateOf(name: string): Promise<ExecutionState>;
	/** Error and cause of an execution that has failed, in words; undefined where there are none. */
	causeOf?(name: string): Promise<string | undefined>;
	/**
	 * Starts the same machine under another name. `already-started`: this name has been used. Started twice with the same input while it
	 * runs, both callers may be told `started`.
	 */
	startAs(name: string, request: MigrationRequest): Promise<"started" | "already-started">;
}
