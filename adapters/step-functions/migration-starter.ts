import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { MigrationStarter } from "#domain/ports/migration-starter.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export interface MigrationStarterOptions {
	/** ARN of the `migrate` state machine. */
	readonly stateMachineArn: string;
	readonly controlRegion: RegionId;
	/** @default a client of the control region with the SDK's own credentials and endpoint */
	readonly client?: SFNClient;
}

/** Starts executions of the migrate state machine, named by migrationId: Step Functions refuses a name it has seen. */
export function createMigrationStarter(options: MigrationStarterOptions): MigrationStarter {
	const client = options.client ?? new SFNClient({ region: options.controlRegion });
	return {
		start: (request) => startExecution(client, options.stateMachineArn, request.migrationId, request),
	};
}

/** Failures that no retry mends. */
const DEFECTS = new Set(["ValidationException", "StateMachineDoesNotExist", "InvalidArn", "InvalidName", "AccessDeniedException"]);

/** @throws UnavailableError when the outcome is unknown; retrying is safe, for the name is used once. */
export async function startExecution(
	client: SFNClient,
	stateMachineArn: string,
	name: string,
	request: MigrationRequest,
): Promise<"started" | "already-started"> {
	try {
		await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(request) }));
		return "started";
	} catch (error) {
		if (error instanceof ExecutionAlreadyExists) return "already-started";
		if (error instanceof Error && DEFECTS.has(error.name)) throw error;
		throw new UnavailableError("Step Functions cannot be reached", { code: "step-functions.unavailable", cause: error });
	}
}
