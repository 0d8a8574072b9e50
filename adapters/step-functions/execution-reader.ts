import { DescribeExecutionCommand, type DescribeExecutionOutput, ExecutionDoesNotExist, SFNClient } from "@aws-sdk/client-sfn";
import { failureOf } from "#adapters/step-functions/failure-of.ts";
import { executionArn } from "#adapters/step-functions/migration-executions.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

/** One execution of a state machine, as far as it tells about its migration. */
export interface ExecutionView {
	readonly running: boolean;
	/** JSON as it was started with. */
	readonly input: string;
	/** ISO 8601. */
	readonly startedAt: string;
	/** ISO 8601; absent while it runs. */
	readonly endedAt?: string;
	/** Error name and cause, where it failed. */
	readonly failure?: string;
}

export interface ExecutionReaderOptions {
	readonly stateMachineArn: string;
	readonly controlRegion: RegionId;
	/** @default a client of the control region with the SDK's own credentials and endpoint */
	readonly client?: SFNClient;
}

/** Failures that no retry mends. */
const DEFECTS = new Set(["ValidationException", "InvalidArn", "AccessDeniedException"]);

/** Looks an execution up by name; undefined when there has never been one. @throws UnavailableError; retrying helps */
export function createExecutionReader(options: ExecutionReaderOptions): (name: string) => Promise<ExecutionView | undefined> {
	const client = options.client ?? new SFNClient({ region: options.controlRegion });
	return async (name) => {
		try {
			return viewOf(await client.send(new DescribeExecutionCommand({ executionArn: executionArn(options.stateMachineArn, name) })));
		} catch (error) {
			if (error instanceof ExecutionDoesNotExist) return undefined;
			if (error instanceof Error && DEFECTS.has(error.name)) throw error;
			throw new UnavailableError("Step Functions cannot be reached", { code: "step-functions.unavailable", cause: error });
		}
	};
}

function viewOf(execution: DescribeExecutionOutput): ExecutionView {
	const { status, input, startDate, stopDate } = execution;
	const failure = failureOf(execution);
	return {
		running: status === "RUNNING",
		input: input ?? "{}",
		startedAt: (startDate ?? new Date(0)).toISOString(),
		...(stopDate === undefined ? {} : { endedAt: stopDate.toISOString() }),
		...(failure === undefined ? {} : { failure }),
	};
}
