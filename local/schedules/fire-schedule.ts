import type { RegionId } from "#domain/geography/region-id.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import type { FireSchedule } from "#local/schedules/schedule-runner.ts";
import { stateMachineArn } from "#local/step-functions/definitions.ts";
import type { StatesService } from "#local/step-functions/states-service.ts";

export interface FireScheduleOptions {
	readonly steps: StatesService;
	readonly clock: LocalClock;
	readonly lambda: LambdaHost;
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly stage: string;
	/** What failed in a region of a schedule of every region. */
	readonly log: (line: string) => void;
}

/** Does what EventBridge Scheduler does at a firing: starts an execution, or invokes a function, with the scheduled time as input. */
export const fireSchedule =
	({ steps, clock, lambda, regions, controlRegion, stage, log }: FireScheduleOptions): FireSchedule =>
	async ({ target, where, localEvent }, scheduledTime, activity) => {
		const event = { scheduledTime, ...localEvent };
		if ("stateMachine" in target) {
			const reply = await steps.start({
				stateMachineArn: stateMachineArn(controlRegion, stage, target.stateMachine),
				input: JSON.stringify(event),
			});
			if (reply.status !== 200) throw new Error(String(reply.body));
			return;
		}
		const invoke = async (region: RegionId, chain: Activity): Promise<void> => {
			const outcome = await lambda.invoke({ function: target.function, region, event, activity: chain });
			if (!outcome.ok) throw new Error(`${region}: ${outcome.errorType}: ${outcome.errorMessage}`);
		};
		if (where !== "every-region") return invoke(controlRegion, activity);
		// Regions know nothing of each other's schedules: each firing is a chain of work of its own, and they run at once.
		for (const region of regions) {
			const chain = clock.begin(`schedule of ${target.function}@${region}`);
			void invoke(region, chain)
				.catch((error: unknown) => log(`schedule of ${target.function} failed: ${String(error)}`))
				.finally(() => chain.end());
		}
	};
