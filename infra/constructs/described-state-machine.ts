import { readFileSync } from "node:fs";
import { RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import { functionSubstitution, type StateMachineDescription, stateMachineName } from "#infra/description/state-machines.ts";
import type { Settings } from "#infra/settings.ts";

export interface DescribedStateMachineProps {
	readonly settings: Settings;
	readonly description: StateMachineDescription;
	/** The functions of the control region by name in the description. */
	readonly functions: ReadonlyMap<string, DescribedFunction>;
	/** For placeholders of the ASL file that are no functions. @default none */
	readonly substitutions?: Readonly<Record<string, string>>;
}

/** One state machine of infra/description/state-machines.ts, from its ASL file, allowed to run exactly the functions the file names. */
export class DescribedStateMachine extends Construct {
	readonly stateMachine: StateMachine;
	readonly role: Role;

	constructor(scope: Construct, id: string, props: DescribedStateMachineProps) {
		super(scope, id);
		const { settings, description, substitutions = {} } = props;
		const named = placeholdersIn(description.definition);
		const used = functionsNamedIn(description.definition, named, props);
		this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("states.amazonaws.com") });
		const role = this.role;
		role.addToPolicy(
			new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [...used.values()].map(({ lambda }) => lambda.functionArn) }),
		);
		const name = stateMachineName(settings.stage, description.name);
		this.stateMachine = new StateMachine(this, "StateMachine", {
			stateMachineName: name,
			definitionBody: DefinitionBody.fromFile(description.definition),
			definitionSubstitutions: {
				...Object.fromEntries(Object.entries(substitutions).filter(([key]) => named.includes(key))),
				...Object.fromEntries([...used].map(([key, { lambda }]) => [key, lambda.functionArn])),
			},
			role,
			tracingEnabled: true,
			logs: {
				level: LogLevel.ALL,
				includeExecutionData: true,
				destination: new LogGroup(this, "Logs", {
					logGroupName: `/aws/vendedlogs/states/${name}`,
					retention: RetentionDays.ONE_MONTH,
					removalPolicy: RemovalPolicy.DESTROY,
				}),
			},
		});
		acknowledge(
			role,
			"AwsSolutions-IAM5[Resource::*]",
			"Log delivery and X-Ray actions of Step Functions cannot be narrowed to a resource.",
		);
	}
}

const placeholdersIn = (file: string): readonly string[] =>
	[...new Set([...readFileSync(file, "utf8").matchAll(/\$\{(\w+)\}/g)].map(([, key = ""]) => key))].toSorted();

/** The functions by substitution key (`PlanMigrationArn`) that an ASL file names. @throws TypeError when it names what nobody gives. */
function functionsNamedIn(
	file: string,
	named: readonly string[],
	{ functions, substitutions = {} }: DescribedStateMachineProps,
): ReadonlyMap<string, DescribedFunction> {
	const byKey = new Map([...functions].map(([name, described]) => [functionSubstitution(name), described]));
	const keys = named.filter((key) => substitutions[key] === undefined);
	return new Map(
		keys.map((key) => {
			const described = byKey.get(key);
			if (described === undefined) throw new TypeError(`${file} names \${${key}}, which is no function of infra/description/functions.ts`);
			return [key, described];
		}),
	);
}
