/** One state machine as both the CDK stacks and the local ASL runner create it. */
export interface StateMachineDescription {
	readonly name: string;
	/** ASL file below the repository root. `${<PascalCaseFunctionName>Arn}` stands for a function's ARN. */
	readonly definition: string;
	readonly timeoutSeconds: number;
}

/**
 * Days after which an execution ends by itself and recovery starts the next one, which goes on where it was. Long enough for copying,
 * canary and soak; so short that a soak held by a freeze stays below the 25,000 events of an execution (test/infra/asl/budget.test.ts).
 */
const MIGRATE_DAYS = 3;

/** Trains the model and replaces it. */
export const TRAIN_MACHINE = "train";

export const STATE_MACHINES: readonly StateMachineDescription[] = [
	{ name: "migrate", definition: "state-machines/migrate.asl.json", timeoutSeconds: MIGRATE_DAYS * 24 * 3600 },
	{ name: "predict", definition: "state-machines/predict.asl.json", timeoutSeconds: 3600 },
	{ name: TRAIN_MACHINE, definition: "state-machines/train.asl.json", timeoutSeconds: 12 * 3600 },
];

export const stateMachineName = (stage: string, name: string): string => `heliotrope-${stage}-${name}`;

/** The substitution key of a function in an ASL file: `plan-migration` -> `PlanMigrationArn`. */
export const functionSubstitution = (name: string): string =>
	`${name
		.split("-")
		.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
		.join("")}Arn`;
