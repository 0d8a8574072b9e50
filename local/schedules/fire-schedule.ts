import type { RegionId } from "#domain/geography/region-id.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import type { FireSchedule } from "#local/schedules/schedule-runner.ts";
import { stateMachineArn } from "#local/step-functions/definitions.ts";
import type { StatesService } from "#local/step-functions/states-service.ts";

export interface FireScheduleOptions {
	readonly steps: StatesService;
	readonly lambda: LambdaHost;
	readonly controlRegion: RegionId;
	readonly stage: string;
}

/** Does what EventBridge Scheduler does at a firing: starts an execution, or invokes a function, with the scheduled time as input. */
export const fireSchedule =
	({ steps, lambda, controlRegion, stage }: FireScheduleOptions): FireSchedule =>
	async ({ target }, scheduledTime, activity) => {
		const event = { scheduledTime };
		if ("stateMachine" in target) {
			const reply = await steps.start({
				stateMachineArn: stateMachineArn(controlRegion, stage, target.stateMachine),
				input: JSON.stringify(event),
			});
			if (reply.status !== 200) throw new Error(String(reply.body));
			return;
		}
		const outcome = await lambda.invoke({ function: target.function, region: controlRegion, event, activity });
		if (!outcome.ok) throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
	};
