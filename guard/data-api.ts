import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { createDeps } from "#lambdas/serve-data/create-deps.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";

/**
 * The data API under an application's own roof, for paths below `/v1/partitions/`. Access is what `ACCESS` in its environment says.
 *
 * @param deps what it works with; made from the environment with the first request where none is given
 */
export function dataApi(
	deps?: DataPlaneDeps,
): (event: LambdaFunctionURLEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
	let serve: ReturnType<typeof createDataPlane> | undefined;
	return (event, context) => {
		serve ??= createDataPlane(deps ?? createDeps(process.env));
		return serve(event, context);
	};
}
