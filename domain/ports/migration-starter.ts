import type { MigrationRequest } from "#domain/migration/request.ts";

/** Starts migrations, only ever through the state machine. */
export interface MigrationStarter {
	/**
	 * `already-started`: this migration is under way or has held the partition. An execution that ended without a claim does not count.
	 * @throws UnavailableError when the outcome is unknown; retrying is safe.
	 */
	start(request: MigrationRequest): Promise<"started" | "already-started">;
}
