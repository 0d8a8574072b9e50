import type { MigrationRequest } from "#domain/migration/request.ts";

/** Starts migrations, only ever through the state machine. */
export interface MigrationStarter {
	/** `already-started`: an execution of this migrationId exists, running or ended. @throws UnavailableError when the outcome is unknown; retrying is safe. */
	start(request: MigrationRequest): Promise<"started" | "already-started">;
}
