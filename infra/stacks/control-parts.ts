import assert from "node:assert";
import type { Construct } from "constructs";
import { DescribedFunction } from "#infra/constructs/described-function.ts";
import { DescribedSchedule } from "#infra/constructs/described-schedule.ts";
import { DescribedStateMachine } from "#infra/constructs/described-state-machine.ts";
import { FUNCTIONS, type FunctionDescription } from "#infra/description/functions.ts";
import { SCHEDULES, type ScheduleDescription } from "#infra/description/schedules.ts";
import { STATE_MACHINES, TRAIN_MACHINE } from "#infra/description/state-machines.ts";
import { ownsModel } from "#infra/settings/owns-model.ts";
import { scheduled } from "#infra/settings/scheduled.ts";
import type { Settings } from "#infra/settings.ts";

/** The stacks that share the control region's functions among them. */
export const ControlPart = { Migration: "migration", Prediction: "prediction", Console: "console" } as const;
export type ControlPart = (typeof ControlPart)[keyof typeof ControlPart];

/** By folder of the entry; everything else belongs to the prediction. */
const PART_OF_FOLDER: Readonly<Record<string, ControlPart>> = {
	"run-stage": ControlPart.Migration,
	"reconcile-migrations": ControlPart.Migration,
	administer: ControlPart.Console,
	"publish-changes": ControlPart.Console,
};

const MIGRATE = "migrate";

/** Its functions train the model and replace it. */
const TRAINING_FOLDER = "train-model";

const folderOf = ({ entry }: FunctionDescription): string => entry.split("/")[1] ?? "";

export const partOfFunction = (description: FunctionDescription): ControlPart =>
	PART_OF_FOLDER[folderOf(description)] ?? ControlPart.Prediction;

export const partOfMachine = (name: string): ControlPart => (name === MIGRATE ? ControlPart.Migration : ControlPart.Prediction);

/** What of the description one stack of the control region holds: functions, their state machines and what starts them. */
export interface ControlParts {
	readonly functions: ReadonlyMap<string, DescribedFunction>;
	readonly machines: ReadonlyMap<string, DescribedStateMachine>;
	function(name: string): DescribedFunction;
}

/** Of a model that is looked after elsewhere, nothing that trains it. @param substitutions for placeholders of ASL files that are no functions */
export function createControlParts(
	scope: Construct,
	part: ControlPart,
	settings: Settings,
	substitutions: Readonly<Record<string, string>> = {},
): ControlParts {
	const region = settings.controlRegion;
	const trains = ownsModel(settings);
	const functions = new Map(
		FUNCTIONS.filter((description) => description.placement === "control" && partOfFunction(description) === part)
			.filter((description) => trains || folderOf(description) !== TRAINING_FOLDER)
			.map((description) => [description.name, new DescribedFunction(scope, description.name, { settings, description, region })]),
	);
	const machines = new Map(
		STATE_MACHINES.filter(({ name }) => partOfMachine(name) === part && (trains || name !== TRAIN_MACHINE)).map((description) => [
			description.name,
			new DescribedStateMachine(scope, `${description.name}-machine`, { settings, description, functions, substitutions }),
		]),
	);
	const parts: ControlParts = {
		functions,
		machines,
		function: (name) => found(functions.get(name), `${name} is no function of the ${part} stack`),
	};
	for (const description of SCHEDULES.filter((one) => one.where === undefined && hasTarget(parts, one))) {
		new DescribedSchedule(scope, `${description.name}-schedule`, {
			settings,
			description: scheduled(settings, description),
			target: targetOf(parts, description),
		});
	}
	return parts;
}

const hasTarget = ({ functions, machines }: ControlParts, { target }: ScheduleDescription): boolean =>
	"function" in target ? functions.has(target.function) : machines.has(target.stateMachine);

function targetOf(
	parts: ControlParts,
	{ target }: ScheduleDescription,
): { arn: string; action: "lambda:InvokeFunction" | "states:StartExecution" } {
	if ("function" in target) return { arn: parts.function(target.function).lambda.functionArn, action: "lambda:InvokeFunction" };
	const machine = found(parts.machines.get(target.stateMachine), `a schedule starts ${target.stateMachine}, which is not in its stack`);
	return { arn: machine.stateMachine.stateMachineArn, action: "states:StartExecution" };
}

function found<T>(value: T | undefined, message: string): T {
	assert(value !== undefined, message);
	return value;
}
