import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";
import { answerNotes, ownerOf } from "#examples/notes/notes.ts";
import { dataApi, type GuardedContext, type GuardOptions, partitionGuard } from "#guard/index.ts";

/**
 * The notes API: whose notes a path names is the partition. Below `/v1/partitions/` it serves the data API itself, from the same code.
 *
 * @param options what a test or another host gives the guard; on AWS everything comes from the environment
 */
export function createNotes(options: Omit<GuardOptions, "partition"> = {}) {
	const notes = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
		.use(partitionGuard({ ...options, partition: (event) => ownerOf(event.rawPath) }))
		.handler((event, context) => answerNotes(event, context.partition));
	const data = dataApi(options.deps);
	return (event: LambdaFunctionURLEvent, context: GuardedContext): Promise<APIGatewayProxyStructuredResultV2> =>
		event.rawPath.startsWith("/v1/") ? data(event, context) : notes(event, context);
}

/** Behind a Lambda function URL, in every region of the deployment. `APPLICATION_URLS` names the others (JSON, region -> URL). */
export const handler = createNotes(fromEnvironment(process.env["APPLICATION_URLS"]));

function fromEnvironment(urls: string | undefined): Pick<GuardOptions, "application"> {
	return urls === undefined ? {} : { application: JSON.parse(urls) as Record<string, string> };
}
