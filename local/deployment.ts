import type { RegionId } from "#domain/geography/region-id.ts";
import type { Deployment } from "#infra/description/deployment.ts";
import { trainingRoleName } from "#infra/description/roles.ts";
import { STATE_MACHINES } from "#infra/description/state-machines.ts";
import { deploymentTags } from "#infra/description/tags.ts";
import type { LocalCloudOptions } from "#local/cloud.ts";
import { stateMachineArn } from "#local/step-functions/definitions.ts";

/** Scopes every name of the local cloud. */
export const STAGE = "local";
export const MODEL_ENDPOINT = "heliotrope-local-model";

/** What a deployment on AWS would know of its resources, for this machine. */
export const localDeployment = (
	{ regions, rttMatrix, access, placement }: Pick<LocalCloudOptions, "regions" | "rttMatrix" | "access" | "placement">,
	controlRegion: RegionId,
	stage: string = STAGE,
): Deployment => ({
	stage,
	regions,
	controlRegion,
	stateMachineArns: Object.fromEntries(STATE_MACHINES.map(({ name }) => [name, stateMachineArn(controlRegion, stage, name)])),
	modelEndpointName: MODEL_ENDPOINT,
	access: access ?? { mode: "off" },
	featuresBucket: `heliotrope-${stage}-features`,
	trainingRoleArn: `arn:aws:iam::000000000000:role/${trainingRoleName(stage)}`,
	trainingInstance: "ml.local",
	tags: deploymentTags({ stage }),
	...(placement === undefined ? {} : { placement }),
	...(rttMatrix === undefined ? {} : { rttMatrix }),
});
