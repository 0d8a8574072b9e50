import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { stateMachineArn, trainingRoleArn } from "#infra/constructs/arns.ts";
import type { Deployment } from "#infra/description/deployment.ts";
import { STATE_MACHINES } from "#infra/description/state-machines.ts";
import { deploymentTags } from "#infra/description/tags.ts";
import type { Settings } from "#infra/settings.ts";

/** The name of the SageMaker endpoint that serves the model of a deployment. */
export const modelEndpointName = ({ stage, model }: Settings): string =>
	model.endpoint.kind === "existing" ? model.endpoint.name : `heliotrope-${stage}-model`;

/** The bucket of training sets and model archives; names of buckets are the world's. */
export const featuresBucketName = (scope: IConstruct, { stage, controlRegion }: Settings): string =>
	`heliotrope-${stage}-features-${Stack.of(scope).account}-${controlRegion}`;

/** The deployment that `settings` describe, as seen from `scope`: the source of every function's environment. */
export function describeDeployment(scope: IConstruct, settings: Settings): Deployment {
	const { stage, controlRegion } = settings;
	return {
		stage,
		regions: settings.regions,
		controlRegion,
		stateMachineArns: Object.fromEntries(STATE_MACHINES.map(({ name }) => [name, stateMachineArn(scope, stage, controlRegion, name)])),
		modelEndpointName: modelEndpointName(settings),
		...(settings.model.forecastEndpointName === undefined ? {} : { forecastEndpointName: settings.model.forecastEndpointName }),
		residency: settings.residency,
		partitionRule: settings.routing.rule,
		...(settings.routing.application === undefined ? {} : { application: settings.routing.application }),
		placement: {
			movesPerRun: settings.budgets.movesPerRun,
			transfersPerRun: settings.budgets.transfersPerRun,
			...(settings.budgets.bytesPerRun !== undefined && { bytesPerRun: settings.budgets.bytesPerRun }),
			copies: settings.capacity.copies,
			...settings.placement,
		},
		featuresBucket: featuresBucketName(scope, settings),
		trainingRoleArn: trainingRoleArn(scope, stage),
		trainingInstance: settings.model.trainingInstance,
		tags: deploymentTags(settings),
		...(settings.access !== undefined && { access: settings.access }),
	};
}
