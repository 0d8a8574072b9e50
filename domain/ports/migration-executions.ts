import type { MigrationRequest } from "#domain/migration/request.ts";

/** Executions of the migrate state machine, by name. Every method throws `UnavailableError` when Step Functions cannot be reached. */
export interface MigrationExecutions {
	/** False also where no execution of this name is known. */
	isRunning(name: string): Promise<boolean>;
	/** Starts the same machine under another name. `already-started`: this name has been used. */
	startAs(name: string, request: MigrationRequest): Promise<"started" | "already-started">;
}
