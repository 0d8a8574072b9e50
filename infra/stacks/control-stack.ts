import assert from "node:assert";
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { AccessStream } from "#infra/constructs/access-stream.ts";
import { DescribedFunction } from "#infra/constructs/described-function.ts";
import { DescribedSchedule, type DescribedScheduleProps } from "#infra/constructs/described-schedule.ts";
import { DescribedStateMachine } from "#infra/constructs/described-state-machine.ts";
import { DescribedTable } from "#infra/constructs/described-table.ts";
import { ACCESS_LOG_MAPPING } from "#infra/description/event-sources.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { SCHEDULES, type ScheduleDescription } from "#infra/description/schedules.ts";
import { STATE_MACHINES } from "#infra/description/state-machines.ts";
import { TABLES } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface ControlStackProps extends StackProps {
	readonly settings: Settings;
}

/** The control region: migrations, predictions and their records, the schedules that drive them, and the admin API. */
export class ControlStack extends Stack {
	readonly #functions: ReadonlyMap<string, DescribedFunction>;
	readonly #stateMachines: ReadonlyMap<string, DescribedStateMachine>;

	constructor(scope: Construct, id: string, props: ControlStackProps) {
		super(scope, id, props);
		const { settings } = props;
		for (const table of TABLES.filter(({ placement }) => placement === "control")) {
			new DescribedTable(this, table.name, { settings, table });
		}
		this.#functions = new Map(
			FUNCTIONS.filter(({ placement }) => placement === "control").map((description) => [
				description.name,
				new DescribedFunction(this, description.name, { settings, description }),
			]),
		);
		this.#stateMachines = new Map(
			STATE_MACHINES.map((description) => [
				description.name,
				new DescribedStateMachine(this, `${description.name}-machine`, { settings, description, functions: this.#functions }),
			]),
		);
		for (const description of SCHEDULES.filter(({ where }) => where === undefined)) {
			new DescribedSchedule(this, `${description.name}-schedule`, { settings, description, target: this.#target(description) });
		}
		new AccessStream(this, "accesses", { settings, counter: this.#function(ACCESS_LOG_MAPPING.function) });
		const admin = this.#function("administer").lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
		new CfnOutput(this, "AdminUrl", { value: admin.url, description: "Base URL of the admin API (IAM)." });
	}

	#target({ target }: ScheduleDescription): DescribedScheduleProps["target"] {
		if ("function" in target) return { arn: this.#function(target.function).lambda.functionArn, action: "lambda:InvokeFunction" };
		const machine = this.#stateMachines.get(target.stateMachine);
		assert(machine !== undefined, `a schedule starts ${target.stateMachine}, which is not in the description`);
		return { arn: machine.stateMachine.stateMachineArn, action: "states:StartExecution" };
	}

	#function(name: string): DescribedFunction {
		const found = this.#functions.get(name);
		assert(found !== undefined, `${name} is not a function of the control region`);
		return found;
	}
}
