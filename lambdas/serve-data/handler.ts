import { createDeps } from "#lambdas/serve-data/create-deps.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";

/** The regional data plane behind a Lambda function URL (payload 2.0). */
export const handler = createDataPlane(createDeps(process.env));
