import type { RegionId } from "#domain/geography/region-id.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import type { FireSchedule } from "#local/schedules/schedule-runner.ts";
import { stateMachineArn } from "#local/step-functions/definitions.ts";
import type { StatesService } from "#local/step-functions/states-service.ts";

export interface FireScheduleOptions {
	readonly steps: StatesService;
	readonly lambda: LambdaHost;
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly stage: string;
}

/** Does what EventBridge Scheduler does at a firing: starts an execution, or invokes a function, with the scheduled time as input. */
export const fireSchedule =
	({ steps, lambda, regions, controlRegion, stage }: FireScheduleOptions): FireSchedule =>
	async ({ target, where }, scheduledTime, activity) => {
		const event = { scheduledTime };
		if ("stateMachine" in target) {
			const reply = await steps.start({
				stateMachineArn: stateMachineArn(controlRegion, stage, target.stateMachine),
				input: JSON.stringify(event),
			});
			if (reply.status !== 200) throw new Error(String(reply.body));
			return;
		}
		const failures: string[] = [];
		for (const region of where === "every-region" ? regions : [controlRegion]) {
			const outcome = await lambda.invoke({ function: target.function, region, event, activity });
			if (!outcome.ok) failures.push(`${outcome.errorType}: ${outcome.errorMessage}`);
		}
		if (failures.length > 0) throw new Error(failures.join("; "));
	};
