import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { functionUrlEvent } from "#local/edge/function-url-event.ts";
import { functionUrlAnswer, PAYLOAD_LIMIT_BYTES, TOO_LARGE } from "#local/edge/function-url-result.ts";
import { readBody } from "#local/edge/http-body.ts";

type Handler = (event: LambdaFunctionURLEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** A handler behind a function URL of its own on the loopback interface, as the local cloud makes events and answers of it, but unsigned. */
export async function serveHandler(handler: Handler): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
	const server = createServer(async (request, response) => {
		const body = await readBody(request, PAYLOAD_LIMIT_BYTES);
		if (body === "too-large") return void response.writeHead(TOO_LARGE.status).end();
		const event = functionUrlEvent({
			method: request.method ?? "GET",
			target: request.url ?? "/",
			rawHeaders: request.rawHeaders,
			sourceIp: "127.0.0.1",
			body,
			domainName: "app.lambda-url.test",
			requestId: randomUUID(),
			nowMs: Date.now(),
			accessKeyId: "test",
		});
		const context = { getRemainingTimeInMillis: () => 10_000 } as Context;
		const answer = functionUrlAnswer({ ok: true, payload: await handler(event, context) });
		response.writeHead(answer.status, answer.headers).end(answer.body);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	const stop = async (): Promise<void> => {
		server.closeAllConnections();
		server.close();
		await once(server, "close");
	};
	return { url: `http://127.0.0.1:${address.port}`, stop };
}
