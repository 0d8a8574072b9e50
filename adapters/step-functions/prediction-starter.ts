import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { RegionId } from "#domain/geography/region-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export interface PredictionStarterOptions {
	/** ARN of the `predict` state machine. */
	readonly stateMachineArn: string;
	readonly controlRegion: RegionId;
	/** Makes the name of an execution; names are used once. */
	readonly nextName: () => string;
	/** @default a client of the control region with the SDK's own credentials and endpoint */
	readonly client?: SFNClient;
}

/** Failures that no retry mends. */
const DEFECTS = new Set(["ValidationException", "StateMachineDoesNotExist", "InvalidArn", "InvalidName", "AccessDeniedException"]);

/** Starts runs of the predict state machine by hand; each gives its execution's ARN. @throws UnavailableError when the outcome is unknown */
export function createPredictionStarter(options: PredictionStarterOptions): (scheduledTime: string) => Promise<string> {
	const client = options.client ?? new SFNClient({ region: options.controlRegion });
	return async (scheduledTime) => {
		const input = JSON.stringify({ scheduledTime });
		try {
			const command = new StartExecutionCommand({ stateMachineArn: options.stateMachineArn, name: options.nextName(), input });
			const { executionArn = "" } = await client.send(command);
			return executionArn;
		} catch (error) {
			if (error instanceof Error && DEFECTS.has(error.name)) throw error;
			throw new UnavailableError("Step Functions cannot be reached", { code: "step-functions.unavailable", cause: error });
		}
	};
}
