import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { administer } from "#lambdas/administer/administer.ts";
import { createPorts } from "#lambdas/administer/create-ports.ts";
import { administerEnvSchema } from "#lambdas/administer/env.ts";
import type { AdminRequest } from "#lambdas/administer/http.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const ports = createPorts(administerEnvSchema.parse(process.env), runtime());

/** The admin API behind a Lambda function URL (payload 2.0). Who may call it is decided in front of it: by IAM, or by the local host. */
export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
	const { status, headers, body } = await administer(ports, requestOf(event), report);
	return { statusCode: status, headers: { ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) };
}

const requestOf = (event: LambdaFunctionURLEvent): AdminRequest => ({
	method: event.requestContext.http.method,
	path: event.rawPath,
	query: new URLSearchParams(event.rawQueryString),
	body: event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : (event.body ?? ""),
	lastEventId: event.headers["last-event-id"],
});

function report(error: unknown): void {
	const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
	process.stdout.write(`${JSON.stringify({ level: "error", code: "admin.internal", name, message, stack })}\n`);
}
