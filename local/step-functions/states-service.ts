import * as z from "zod";
import type { RegionId } from "#domain/geography/region-id.ts";
import { STATE_MACHINES } from "#infra/description/state-machines.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import { type AwsCall, type AwsReply, type AwsService, awsError, awsJson } from "#local/gateway/aws-service.ts";
import { stateMachineArn } from "#local/step-functions/definitions.ts";
import type { Execution, ExecutionStore } from "#local/step-functions/execution-store.ts";
import type { StateMachineRunner } from "#local/step-functions/runner.ts";

export interface StatesServiceOptions {
	readonly runner: StateMachineRunner;
	readonly executions: ExecutionStore;
	readonly clock: LocalClock;
	readonly controlRegion: RegionId;
	readonly stage: string;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_INPUT_BYTES = 262_144;

const startInput = z.object({
	stateMachineArn: z.string(),
	name: z
		.string()
		.regex(/^[A-Za-z0-9_-]{1,80}$/)
		.optional(),
	input: z.string().default("{}"),
});
const executionInput = z.object({ executionArn: z.string() });
const listInput = z.object({ stateMachineArn: z.string(), statusFilter: z.string().optional() });

/** The Step Functions API: StartExecution, DescribeExecution, StopExecution, ListExecutions (standard workflows). */
export class StatesService implements AwsService {
	readonly name = "states";
	readonly #options: StatesServiceOptions;
	readonly #machineByArn: ReadonlyMap<string, string>;
	#unnamed = 0;

	constructor(options: StatesServiceOptions) {
		this.#options = options;
		this.#machineByArn = new Map(STATE_MACHINES.map(({ name }) => [stateMachineArn(options.controlRegion, options.stage, name), name]));
	}

	async handle(call: AwsCall): Promise<AwsReply> {
		const body: unknown = JSON.parse(call.body.toString("utf8") || "{}");
		switch (call.operation) {
			case "StartExecution":
				return this.#answer(startInput, body, (input) => this.start(input));
			case "DescribeExecution":
				return this.#answer(executionInput, body, (input) => this.#describe(input.executionArn));
			case "StopExecution":
				return this.#answer(executionInput, body, (input) => this.#stop(input.executionArn));
			case "ListExecutions":
				return this.#answer(listInput, body, (input) => this.#list(input));
			default:
				return awsError(400, "UnknownOperationException", `the local Step Functions has no ${call.operation ?? "such operation"}`);
		}
	}

	/** Starts an execution; the same name with the same input while it runs is the same execution, as on AWS. */
	async start(input: z.infer<typeof startInput>): Promise<AwsReply> {
		const { clock, executions, runner } = this.#options;
		const machine = this.#machineByArn.get(input.stateMachineArn);
		if (machine === undefined) return awsError(400, "StateMachineDoesNotExist", `State Machine Does Not Exist: '${input.stateMachineArn}'`);
		if (Buffer.byteLength(input.input) > MAX_INPUT_BYTES)
			return awsError(400, "InvalidExecutionInput", "the input is larger than 262144 bytes");
		const name = input.name ?? this.#nextName();
		const executionArn = `${input.stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
		const known = executions.find(executionArn);
		if (known !== undefined && (known.status !== "RUNNING" || known.input !== input.input)) {
			return awsError(400, "ExecutionAlreadyExists", `Execution Already Exists: '${executionArn}'`);
		}
		const startMs = known?.startMs ?? clock.nowMs();
		if (known === undefined) {
			executions.begin({ executionArn, name, machine, input: input.input, startMs, status: "RUNNING" });
			await runner.start(executionArn, machine, input.input);
		}
		return awsJson({ executionArn, startDate: startMs / 1000 });
	}

	#nextName(): string {
		this.#unnamed += 1;
		return `local-${Math.floor(this.#options.clock.nowMs())}-${this.#unnamed}`;
	}

	async #answer<T>(schema: z.ZodType<T>, body: unknown, run: (input: T) => AwsReply | Promise<AwsReply>): Promise<AwsReply> {
		const parsed = schema.safeParse(body);
		return parsed.success ? run(parsed.data) : awsError(400, "ValidationException", z.prettifyError(parsed.error));
	}

	#describe(executionArn: string): AwsReply {
		const execution = this.#options.executions.find(executionArn);
		if (execution === undefined) return awsError(400, "ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
		return awsJson({
			...this.#summary(execution),
			input: execution.input,
			output: execution.output,
			error: execution.error,
			cause: execution.cause,
		});
	}

	async #stop(executionArn: string): Promise<AwsReply> {
		const { clock, executions, runner } = this.#options;
		if (executions.find(executionArn) === undefined)
			return awsError(400, "ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
		await runner.abort(executionArn);
		return awsJson({ stopDate: clock.nowMs() / 1000 });
	}

	#list(input: z.infer<typeof listInput>): AwsReply {
		const machine = this.#machineByArn.get(input.stateMachineArn);
		if (machine === undefined) return awsError(400, "StateMachineDoesNotExist", `State Machine Does Not Exist: '${input.stateMachineArn}'`);
		if (input.statusFilter !== "RUNNING")
			return awsError(400, "ValidationException", "the local Step Functions lists running executions only");
		const executions = this.#options.executions.running().filter((execution) => execution.machine === machine);
		return awsJson({ executions: executions.map((execution) => this.#summary(execution)) });
	}

	#summary(execution: Execution): Record<string, unknown> {
		const { controlRegion, stage } = this.#options;
		return {
			executionArn: execution.executionArn,
			stateMachineArn: stateMachineArn(controlRegion, stage, execution.machine),
			name: execution.name,
			status: execution.status,
			startDate: execution.startMs / 1000,
			...(execution.stopMs === undefined ? {} : { stopDate: execution.stopMs / 1000 }),
		};
	}
}
