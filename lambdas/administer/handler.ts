import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";
import { administer } from "#lambdas/administer/administer.ts";
import { createPorts } from "#lambdas/administer/create-ports.ts";
import { administerEnvSchema } from "#lambdas/administer/env.ts";
import type { AdminRequest } from "#lambdas/administer/http.ts";
import { observed } from "#lambdas/shared/observed.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const ports = createPorts(administerEnvSchema.parse(process.env), runtime());

/** The admin API behind a Lambda function URL (payload 2.0). Who may call it is decided in front of it: by IAM, or by the local host. */
export const handler = observed<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2>(
	"administer",
	async (event, { log }) => {
		const { status, headers, body } = await administer(ports, requestOf(event), (error) => log(lineOf(error)));
		return { statusCode: status, headers: { ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) };
	},
	{ counts: ({ statusCode }) => ({ Requests: 1, ServerErrors: Number(statusCode) >= 500 ? 1 : 0 }) },
);

const requestOf = (event: LambdaFunctionURLEvent): AdminRequest => ({
	method: event.requestContext.http.method,
	path: event.rawPath,
	query: new URLSearchParams(event.rawQueryString),
	body: event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : (event.body ?? ""),
	lastEventId: event.headers["last-event-id"],
});

function lineOf(error: unknown): Readonly<Record<string, unknown>> {
	const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
	return { level: "error", code: "admin.internal", name, message, stack };
}
