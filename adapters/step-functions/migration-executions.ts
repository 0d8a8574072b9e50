import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from "@aws-sdk/client-sfn";
import { type MigrationStarterOptions, startExecution } from "#adapters/step-functions/migration-starter.ts";
import type { MigrationExecutions } from "#domain/ports/migration-executions.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

/** Executions of the migrate state machine through the Step Functions API. */
export function createMigrationExecutions(options: MigrationStarterOptions): MigrationExecutions {
	const { stateMachineArn } = options;
	const client = options.client ?? new SFNClient({ region: options.controlRegion });
	return {
		isRunning: (name) => isRunning(client, executionArn(stateMachineArn, name)),
		startAs: (name, request) => startExecution(client, stateMachineArn, name, request),
	};
}

/** `...:stateMachine:<machine>` -> `...:execution:<machine>:<name>` */
export const executionArn = (stateMachineArn: string, name: string): string =>
	`${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;

async function isRunning(client: SFNClient, arn: string): Promise<boolean> {
	try {
		const { status } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
		return status === "RUNNING" || status === "PENDING_REDRIVE";
	} catch (error) {
		if (error instanceof ExecutionDoesNotExist) return false;
		throw new UnavailableError("Step Functions cannot be reached", { code: "step-functions.unavailable", cause: error });
	}
}
