import { readFileSync } from "node:fs";
import { RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { arnOf, findingOf } from "#infra/constructs/arns.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import { functionSubstitution, type StateMachineDescription, stateMachineName } from "#infra/description/state-machines.ts";
import type { ResourceName } from "#infra/description/statements.ts";
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
		this.#allowMapRuns(props);
		acknowledge(
			role,
			"AwsSolutions-IAM5[Resource::*]",
			"Log delivery and X-Ray actions of Step Functions cannot be narrowed to a resource.",
		);
	}

	/**
	 * A distributed map runs each item as an execution of the machine itself, which looks after them, and may have them go on after a failure.
	 *
	 * @see https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
	 */
	#allowMapRuns({ settings, description }: DescribedStateMachineProps): void {
		const labels = mapLabelsIn(description.definition);
		if (labels.length === 0) return;
		const own = (kind: string): ResourceName =>
			`states:${settings.controlRegion}:${kind}:${stateMachineName(settings.stage, description.name)}`;
		const allow = (actions: string[], name: ResourceName): void => {
			this.role.addToPolicy(new PolicyStatement({ actions, resources: [arnOf(this.role, name)] }));
			if (name.endsWith("*"))
				acknowledge(this.role, findingOf(this.role, name, settings), "Executions of a map's items are named by Step Functions.");
		};
		allow(["states:StartExecution"], own("stateMachine"));
		allow(["states:DescribeExecution", "states:StopExecution"], `${own("execution")}:*`);
		for (const label of labels) allow(["states:RedriveExecution"], `${own("execution")}/${label}:*`);
	}
}

/** The labels of the distributed maps of an ASL file. @throws TypeError where one has none, for then nobody could name its executions */
function mapLabelsIn(file: string): readonly string[] {
	const { States } = JSON.parse(readFileSync(file, "utf8")) as { readonly States: Readonly<Record<string, MapState>> };
	return Object.entries(States).flatMap(([name, { ItemProcessor, Label }]) => {
		if (ItemProcessor?.ProcessorConfig.Mode !== "DISTRIBUTED") return [];
		if (Label === undefined) throw new TypeError(`${file}: the distributed map ${name} has no Label`);
		return [Label];
	});
}

interface MapState {
	readonly Label?: string;
	readonly ItemProcessor?: { readonly ProcessorConfig: { readonly Mode: string } };
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
