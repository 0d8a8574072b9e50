import {
	DescribeExecutionCommand,
	type DescribeExecutionOutput,
	ExecutionAlreadyExists,
	ExecutionDoesNotExist,
	SFNClient,
	StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { failureOf } from "#adapters/step-functions/failure-of.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { ExecutionState, MigrationExecutions } from "#domain/ports/migration-executions.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export interface MigrationExecutionsOptions {
	/** ARN of the `migrate` state machine. */
	readonly stateMachineArn: string;
	readonly controlRegion: RegionId;
	/** @default a client of the control region with the SDK's own credentials and endpoint */
	readonly client?: SFNClient;
}

/** Executions of the migrate state machine through the Step Functions API. */
export function createMigrationExecutions(options: MigrationExecutionsOptions): MigrationExecutions {
	const { stateMachineArn } = options;
	const client = options.client ?? new SFNClient({ region: options.controlRegion });
	return {
		stateOf: (name) => stateOf(client, executionArn(stateMachineArn, name)),
		causeOf: async (name) => failureOf(await describe(client, executionArn(stateMachineArn, name))),
		startAs: (name, request) => startExecution(client, stateMachineArn, name, request),
	};
}

/** `...:stateMachine:<machine>` -> `...:execution:<machine>:<name>` */
export const executionArn = (stateMachineArn: string, name: string): string =>
	`${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;

async function stateOf(client: SFNClient, arn: string): Promise<ExecutionState> {
	const status = (await describe(client, arn))?.status;
	if (status === "RUNNING" || status === "PENDING_REDRIVE") return "running";
	return status === undefined || status === "ABORTED" ? "gone" : "ended";
}

/** Undefined where there is no such execution. @throws UnavailableError */
async function describe(client: SFNClient, arn: string): Promise<DescribeExecutionOutput | undefined> {
	try {
		return await client.send(new DescribeExecutionCommand({ executionArn: arn }));
	} catch (error) {
		if (error instanceof ExecutionDoesNotExist) return undefined;
		throw new UnavailableError("Step Functions cannot be reached", { code: "step-functions.unavailable", cause: error });
	}
}

/** Failures that no retry mends. */
const DEFECTS = new Set(["ValidationException", "StateMachineDoesNotExist", "InvalidArn", "InvalidName", "AccessDeniedException"]);

/** @throws UnavailableError when the outcome is unknown; retrying is safe, for the name is used once. */
async function startExecution(
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
