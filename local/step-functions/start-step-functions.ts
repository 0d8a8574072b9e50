import type { RegionId } from "#domain/geography/region-id.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { loadDefinitions } from "#local/step-functions/definitions.ts";
import { type ExecutionSpace, ExecutionStore } from "#local/step-functions/execution-store.ts";
import { StateMachineRunner } from "#local/step-functions/runner.ts";
import { StatesService } from "#local/step-functions/states-service.ts";

export interface StepFunctionsOptions {
	readonly clock: LocalClock;
	readonly time: SharedArrayBuffer | undefined;
	readonly lambda: LambdaHost;
	readonly controlRegion: RegionId;
	readonly stage: string;
	/** Where executions are remembered. */
	readonly space: ExecutionSpace;
}

export interface StepFunctions {
	readonly service: StatesService;
	/** Executions that a crash of an earlier run has ended. */
	readonly aborted: number;
	stop(): Promise<void>;
}

/** Step Functions of the control region, with the state machines of the deployment loaded. @throws SyntaxError, Error when a definition is not JSON or names no function; that it is valid the tests have shown */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
	const { clock, time, lambda, controlRegion, stage } = options;
	const executions = new ExecutionStore(options.space);
	const aborted = executions.abortLeftovers(clock.nowMs());
	const runner = new StateMachineRunner({
		machines: loadDefinitions(controlRegion, stage),
		time,
		clock,
		lambda,
		controlRegion,
		stage,
		onEnd: (executionArn, end) => executions.end(executionArn, end, clock.nowMs()),
	});
	await runner.ready();
	return { service: new StatesService({ runner, executions, clock, controlRegion, stage }), aborted, stop: () => runner.stop() };
}
