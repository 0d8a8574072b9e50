import type { RegionId } from "#domain/geography/region-id.ts";
import type { Deployment } from "#infra/description/deployment.ts";
import { functionName } from "#infra/description/functions.ts";
import { type FunctionPermissions, permissionsOf, type TablePermission } from "#infra/description/permissions.ts";
import { servingRoleName, trainingNamePrefix, trainingRoleName } from "#infra/description/roles.ts";
import { stateMachineName } from "#infra/description/state-machines.ts";
import { tableName } from "#infra/description/tables.ts";

/** `<service>:<region>:<resource>`: an ARN without partition and account. `*` at its end stands for any ending; some services have no region. */
export type ResourceName = string;

/** What a role may do, and to what. */
export interface Statement {
	readonly actions: readonly string[];
	readonly resources: readonly ResourceName[];
	/** By operator and key, as IAM has them. @default none */
	readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What of a deployment names resources. */
export type Named = Pick<
	Deployment,
	"stage" | "regions" | "controlRegion" | "modelEndpointName" | "forecastEndpointName" | "featuresBucket" | "application"
>;

/** A function's row of permissions as statements, in the region where it runs: what its role says on AWS, and what the local cloud holds it to. */
export function statementsOf(name: string, region: RegionId, deployment: Named): readonly Statement[] {
	const permissions = permissionsOf(name);
	return [
		...permissions.tables.map((permission) => onTable(permission, region, deployment)),
		...onExecutions(permissions, deployment),
		...onFunctionUrls(permissions, deployment),
		...onModel(permissions, deployment),
		...onObjects(permissions, deployment),
		...onTraining(permissions, deployment),
	];
}

/** Whether a statement's resource stands for this one. */
export const covers = (pattern: ResourceName, resource: ResourceName): boolean =>
	pattern.endsWith("*") ? resource.startsWith(pattern.slice(0, -1)) : pattern === resource;

function onTable({ table, index, where, actions }: TablePermission, region: RegionId, deployment: Named): Statement {
	const { stage, regions, controlRegion } = deployment;
	const places = { own: [region], control: [controlRegion], every: regions }[where];
	const name = `table/${tableName(stage, table)}${index === undefined ? "" : `/index/${index}`}`;
	return { actions: actions.map((action) => `dynamodb:${action}`), resources: places.map((at) => `dynamodb:${at}:${name}`) };
}

function onExecutions({ starts = [], describes = [] }: FunctionPermissions, { stage, controlRegion }: Named): readonly Statement[] {
	const named = (kind: string, name: string): ResourceName => `states:${controlRegion}:${kind}:${stateMachineName(stage, name)}`;
	return [
		...some(
			["states:StartExecution"],
			starts.map((name) => named("stateMachine", name)),
		),
		...some(
			["states:DescribeExecution"],
			describes.map((name) => `${named("execution", name)}:*`),
		),
	];
}

/**
 * Function URLs ask for both actions since October 2025; nobody calls the functions past them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
function onFunctionUrls(
	{ callsDataPlane, callsOrigins }: FunctionPermissions,
	{ stage, regions, application }: Named,
): readonly Statement[] {
	const dataPlane = functionName(stage, "serve-data");
	const called = callsOrigins === true ? (application?.functionName ?? dataPlane) : dataPlane;
	if (callsDataPlane !== true && callsOrigins !== true) return [];
	const resources = regions.map((at) => `lambda:${at}:function:${called}`);
	return [
		{ actions: ["lambda:InvokeFunctionUrl"], resources },
		{ actions: ["lambda:InvokeFunction"], resources, conditions: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
	];
}

const onModel = ({ callsModel = false }: FunctionPermissions, deployment: Named): readonly Statement[] =>
	some(
		["sagemaker:InvokeEndpoint"],
		callsModel
			? [deployment.modelEndpointName, deployment.forecastEndpointName ?? []]
					.flat()
					.map((name) => `sagemaker:${deployment.controlRegion}:endpoint/${name}`)
			: [],
	);

const OBJECT_ACTIONS = { read: "s3:GetObject", write: "s3:PutObject" } as const;

function onObjects({ objects = [] }: FunctionPermissions, { featuresBucket }: Named): readonly Statement[] {
	if (objects.length === 0) return [];
	return [
		{ actions: objects.map((access) => OBJECT_ACTIONS[access]), resources: [`s3::${featuresBucket}/*`] },
		// Without it, an object that is not there is refused instead of missing
		...some(["s3:ListBucket"], objects.includes("read") ? [`s3::${featuresBucket}`] : []),
	];
}

/** Training takes the image of the model that is served; promotion its image, role and capacity. */
function onTraining({ trains, promotes }: FunctionPermissions, deployment: Named): readonly Statement[] {
	const { stage, controlRegion, modelEndpointName } = deployment;
	const named = (kind: string, name: string): ResourceName => `sagemaker:${controlRegion}:${kind}/${name}`;
	const made = (kind: string): ResourceName => named(kind, `${trainingNamePrefix(stage)}*`);
	const endpoint = named("endpoint", modelEndpointName);
	const allow = (action: string, ...resources: readonly ResourceName[]): Statement => ({ actions: [action], resources });
	const pass = (roleName: string): Statement => ({
		...allow("iam:PassRole", `iam::role/${roleName}`),
		conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
	});
	const seeServed = [
		allow("sagemaker:DescribeEndpoint", endpoint),
		allow("sagemaker:DescribeEndpointConfig", named("endpoint-config", "*")),
		allow("sagemaker:DescribeModel", named("model", "*")),
	];
	return [
		...(trains === "starts" || promotes === "starts" ? seeServed : []),
		...(trains === "starts"
			? [
					allow("sagemaker:CreateTrainingJob", made("training-job")),
					allow("sagemaker:AddTags", made("training-job")),
					pass(trainingRoleName(stage)),
				]
			: []),
		...(trains === "follows" ? [allow("sagemaker:DescribeTrainingJob", made("training-job"))] : []),
		...(promotes === "starts"
			? [
					allow("sagemaker:CreateModel", made("model")),
					allow("sagemaker:CreateEndpointConfig", made("endpoint-config")),
					allow("sagemaker:AddTags", made("model"), made("endpoint-config")),
					allow("sagemaker:UpdateEndpoint", endpoint, made("endpoint-config")),
					pass(servingRoleName(stage)),
				]
			: []),
		...(promotes === "follows" ? [allow("sagemaker:DescribeEndpoint", endpoint)] : []),
	];
}

const some = (actions: readonly string[], resources: readonly ResourceName[]): readonly Statement[] =>
	resources.length === 0 ? [] : [{ actions, resources }];
