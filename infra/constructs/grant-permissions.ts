import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { RegionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { type Arns, arnsOf } from "#infra/constructs/arns.ts";
import { featuresBucketName, modelEndpointName } from "#infra/constructs/described-deployment.ts";
import { type FunctionPermissions, permissionsOf, TABLE_ACTIONS, type TablePermission } from "#infra/description/permissions.ts";
import { servingRoleName, trainingNamePrefix, trainingRoleName } from "#infra/description/roles.ts";
import { stateMachineName } from "#infra/description/state-machines.ts";
import { TABLES } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

/** Writes a function's row of infra/description/permissions.ts into its role. `region` is where the function runs. */
export function grantPermissions(role: Role, settings: Settings, functionName: string, region: RegionId): void {
	const permissions = permissionsOf(functionName);
	const arns = arnsOf(role, settings.stage);
	for (const statement of [
		...permissions.tables.map((permission) => tableStatement(permission, settings, region, arns)),
		...executionStatements(permissions, settings, arns),
		...callStatements(permissions, settings, arns),
		...objectStatements(permissions, featuresBucketName(role, settings)),
		...trainingStatements(permissions, settings, arns),
	]) {
		role.addToPolicy(statement);
	}
	for (const name of permissions.describes ?? []) acknowledge(role, executionsFinding(settings, name), EXECUTIONS_REASON);
	acknowledgeNames(role, permissions, settings);
}

/** Objects, jobs, models and configurations are named at run time: the prefix of their names is what can be granted. */
function acknowledgeNames(role: Role, permissions: FunctionPermissions, settings: Settings): void {
	const account = settings.account ?? "<AWS::AccountId>";
	const prefix = trainingNamePrefix(settings.stage);
	const found = [
		...(permissions.objects === undefined
			? []
			: [`arn:aws:s3:::heliotrope-${settings.stage}-features-${account}-${settings.controlRegion}/*`]),
		...kindsOf(permissions).map((kind) => `arn:<AWS::Partition>:sagemaker:${settings.controlRegion}:${account}:${kind}/${prefix}*`),
	];
	for (const resource of found)
		acknowledge(role, `AwsSolutions-IAM5[Resource::${resource}]`, "Named when it is made; the prefix says whose it is.");
	for (const kind of kindsOf(permissions).length === 0 ? [] : ["model", "endpoint-config"])
		acknowledge(
			role,
			`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sagemaker:${settings.controlRegion}:${account}:${kind}/*]`,
			"What the endpoint serves first is named by CloudFormation when it is deployed; it is only described.",
		);
}

const kindsOf = ({ trains, promotes }: FunctionPermissions): readonly string[] => [
	...(trains === true ? ["training-job"] : []),
	...(promotes === true ? ["model", "endpoint-config"] : []),
];

const OBJECT_ACTIONS = { read: "s3:GetObject", write: "s3:PutObject" } as const;

function objectStatements({ objects = [] }: FunctionPermissions, bucket: string): PolicyStatement[] {
	if (objects.length === 0) return [];
	const actions = objects.map((access) => OBJECT_ACTIONS[access]);
	// without it, an object that is not there is refused instead of missing
	const list = objects.includes("read") ? [new PolicyStatement({ actions: ["s3:ListBucket"], resources: [`arn:aws:s3:::${bucket}`] })] : [];
	return [new PolicyStatement({ actions, resources: [`arn:aws:s3:::${bucket}/*`] }), ...list];
}

/** Training takes the image of the model that is served; promotion its image, role and capacity. */
function trainingStatements({ trains, promotes }: FunctionPermissions, settings: Settings, arns: Arns): PolicyStatement[] {
	if (trains !== true && promotes !== true) return [];
	const { controlRegion, stage } = settings;
	const named = (kind: string): string => arns.sagemaker(controlRegion, kind, `${trainingNamePrefix(stage)}*`);
	const endpoint = arns.endpoint(controlRegion, modelEndpointName(settings));
	const allow = (actions: string[], resources: string[]): PolicyStatement => new PolicyStatement({ actions, resources });
	const look = [
		allow(["sagemaker:DescribeEndpoint"], [endpoint]),
		allow(["sagemaker:DescribeEndpointConfig"], [arns.sagemaker(controlRegion, "endpoint-config", "*")]),
		allow(["sagemaker:DescribeModel"], [arns.sagemaker(controlRegion, "model", "*")]),
	];
	if (trains === true)
		return [
			...look,
			allow(["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"], [named("training-job")]),
			allow(["iam:PassRole"], [arns.role(trainingRoleName(stage))]),
		];
	return [
		...look,
		allow(["sagemaker:CreateModel"], [named("model")]),
		allow(["sagemaker:CreateEndpointConfig"], [named("endpoint-config")]),
		allow(["sagemaker:UpdateEndpoint"], [endpoint, named("endpoint-config")]),
		allow(["iam:PassRole"], [arns.role(servingRoleName(stage))]),
	];
}

function executionsFinding(settings: Settings, name: string): string {
	const account = settings.account ?? "<AWS::AccountId>";
	const execution = `execution:${stateMachineName(settings.stage, name)}:*`;
	return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:${settings.controlRegion}:${account}:${execution}]`;
}

const EXECUTIONS_REASON = "Execution ARNs end in the migration's id, which does not exist yet at deployment; the state machine is named.";

function tableStatement(permission: TablePermission, settings: Settings, region: RegionId, arns: Arns): PolicyStatement {
	const regions = { own: [region], control: [settings.controlRegion], every: settings.regions }[permission.where];
	const indexes = TABLES.find(({ name }) => name === permission.table)?.indexes ?? [];
	return new PolicyStatement({
		actions: permission.access.flatMap((kind) => TABLE_ACTIONS[kind].map((action) => `dynamodb:${action}`)),
		resources: regions.flatMap((at) => [
			arns.table(at, permission.table),
			...indexes.map((index) => arns.index(at, permission.table, index.name)),
		]),
	});
}

function executionStatements(permissions: FunctionPermissions, settings: Settings, arns: Arns): PolicyStatement[] {
	const starts = (permissions.starts ?? []).map((name) => arns.stateMachine(settings.controlRegion, name));
	const describes = (permissions.describes ?? []).map((name) => arns.executions(settings.controlRegion, name));
	return [
		...(starts.length === 0 ? [] : [new PolicyStatement({ actions: ["states:StartExecution"], resources: starts })]),
		...(describes.length === 0 ? [] : [new PolicyStatement({ actions: ["states:DescribeExecution"], resources: describes })]),
	];
}

function callStatements(permissions: FunctionPermissions, settings: Settings, arns: Arns): PolicyStatement[] {
	const statements: PolicyStatement[] = [];
	if (permissions.callsDataPlane === true) {
		statements.push(
			// Function URLs ask for both actions since October 2025.
			new PolicyStatement({
				actions: ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
				resources: settings.regions.map((at) => arns.function(at, "serve-data")),
			}),
		);
	}
	if (permissions.callsModel === true) {
		statements.push(
			new PolicyStatement({
				actions: ["sagemaker:InvokeEndpoint"],
				resources: [modelEndpointName(settings), settings.model.forecastEndpointName ?? []]
					.flat()
					.map((name) => arns.endpoint(settings.controlRegion, name)),
			}),
		);
	}
	return statements;
}
