/** One state machine as both the CDK stacks and the local ASL runner create it. */
export interface StateMachineDescription {
	readonly name: string;
	/**
	 * ASL file below the repository root. `${<PascalCaseFunctionName>Arn}` stands for a function's ARN. Its `TimeoutSeconds` says how long an
	 * execution may run.
	 */
	readonly definition: string;
}

/** Trains the model and replaces it. */
export const TRAIN_MACHINE = "train";

export const STATE_MACHINES: readonly StateMachineDescription[] = [
	/*
	 * After three days an execution ends by itself and recovery starts the next one, which goes on where it was. Long enough for copying, canary
	 * and soak; so short that a soak held by a freeze stays below the 25,000 events of an execution (test/infra/asl/budget.test.ts).
	 */
	{ name: "migrate", definition: "state-machines/migrate.asl.json" },
	{ name: "predict", definition: "state-machines/predict.asl.json" },
	{ name: TRAIN_MACHINE, definition: "state-machines/train.asl.json" },
];

export const stateMachineName = (stage: string, name: string): string => `heliotrope-${stage}-${name}`;

/** The substitution key of a function in an ASL file: `plan-migration` -> `PlanMigrationArn`. */
export const functionSubstitution = (name: string): string =>
	`${name
		.split("-")
		.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
		.join("")}Arn`;
