import { createDocumentClient } from "#adapters/dynamodb/client.ts";
import { registerDataPlane, withdrawDataPlane } from "#adapters/dynamodb/register-data-plane.ts";
import { readEnv } from "#lambdas/register-data-plane/env.ts";
import { registerResource } from "#lambdas/register-data-plane/register.ts";
import { respond } from "#lambdas/register-data-plane/respond.ts";
import { observed } from "#lambdas/shared/observed.ts";

const env = readEnv(process.env);
const table = { client: createDocumentClient(env.CONTROL_REGION), tableName: env.METADATA_TABLE };

/** A custom resource of every region's stack: writes where its data plane is into the metadata, so that no region has to be told. */
export const handler = observed<unknown, void>("register-data-plane", (event, { logger }) => {
	logger.info("registering", { region: env.AWS_REGION });
	return registerResource(
		{
			region: env.AWS_REGION,
			register: (region, url) => registerDataPlane(table, region, url),
			withdraw: (region, url) => withdrawDataPlane(table, region, url),
			respond,
		},
		event,
	);
});
