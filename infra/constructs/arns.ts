import { ArnFormat, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { functionName } from "#infra/description/functions.ts";
import { stateMachineName } from "#infra/description/state-machines.ts";
import { type TableName, tableName } from "#infra/description/tables.ts";

/**
 * ARNs built from names. Every physical name follows from the stage, so stacks in different regions can point at each other
 * without exports, and a function and the state machine that runs it do not wait for each other.
 */
export interface Arns {
	table(region: RegionId, table: TableName): string;
	index(region: RegionId, table: TableName, index: string): string;
	function(region: RegionId, name: string): string;
	stateMachine(region: RegionId, name: string): string;
	/** All executions of a state machine. */
	executions(region: RegionId, name: string): string;
	endpoint(region: RegionId, name: string): string;
	/** Of the kind `training-job`, `model` or `endpoint-config`. */
	sagemaker(region: RegionId, kind: string, name: string): string;
	role(name: string): string;
}

export function arnsOf(scope: IConstruct, stage: string): Arns {
	const arn = (service: string, region: RegionId, resource: string, resourceName: string, arnFormat: ArnFormat): string =>
		Stack.of(scope).formatArn({ service, region, resource, resourceName, arnFormat });
	return {
		table: (region, table) => arn("dynamodb", region, "table", tableName(stage, table), ArnFormat.SLASH_RESOURCE_NAME),
		index: (region, table, index) =>
			arn("dynamodb", region, "table", `${tableName(stage, table)}/index/${index}`, ArnFormat.SLASH_RESOURCE_NAME),
		function: (region, name) => arn("lambda", region, "function", functionName(stage, name), ArnFormat.COLON_RESOURCE_NAME),
		stateMachine: (region, name) => arn("states", region, "stateMachine", stateMachineName(stage, name), ArnFormat.COLON_RESOURCE_NAME),
		executions: (region, name) => arn("states", region, "execution", `${stateMachineName(stage, name)}:*`, ArnFormat.COLON_RESOURCE_NAME),
		sagemaker: (region, kind, name) => arn("sagemaker", region, kind, name, ArnFormat.SLASH_RESOURCE_NAME),
		role: (name) =>
			Stack.of(scope).formatArn({
				service: "iam",
				region: "",
				resource: "role",
				resourceName: name,
				arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
			}),
		endpoint: (region, name) => arn("sagemaker", region, "endpoint", name, ArnFormat.SLASH_RESOURCE_NAME),
	};
}
