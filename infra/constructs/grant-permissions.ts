import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { RegionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { type Arns, arnsOf } from "#infra/constructs/arns.ts";
import { modelEndpointName } from "#infra/constructs/described-deployment.ts";
import { type FunctionPermissions, permissionsOf, TABLE_ACTIONS, type TablePermission } from "#infra/description/permissions.ts";
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
	]) {
		role.addToPolicy(statement);
	}
	for (const name of permissions.describes ?? []) acknowledge(role, executionsFinding(settings, name), EXECUTIONS_REASON);
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
