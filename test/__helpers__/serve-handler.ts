import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { functionUrlEvent } from "#local/edge/function-url-event.ts";
import { functionUrlAnswer, PAYLOAD_LIMIT_BYTES, TOO_LARGE } from "#local/edge/function-url-result.ts";
import { readBody } from "#local/edge/http-body.ts";
import { verifySignature } from "#local/edge/verify-signature.ts";
import type { Caller } from "#local/gateway/callers.ts";

type Handler = (event: LambdaFunctionURLEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Who may call a function URL behind IAM, in which region. */
export interface IamGate {
	readonly region: string;
	readonly caller: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string };
}

/**
 * A handler behind a function URL of its own on the loopback interface, as the local cloud makes events and answers of it.
 *
 * @param gate takes requests that this caller has signed for this region, and no others. @default takes all, unsigned
 */
export async function serveHandler(
	handler: Handler,
	gate?: IamGate,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
	const server = createServer(async (request, response) => {
		const body = await readBody(request, PAYLOAD_LIMIT_BYTES);
		if (body === "too-large") return void response.writeHead(TOO_LARGE.status).end();
		if (gate !== undefined && !isSigned(request, body, gate)) {
			return void response.writeHead(403, { "content-type": "application/json" }).end('{"Message":"Forbidden"}');
		}
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

function isSigned({ method = "GET", url = "/", headers }: IncomingMessage, body: Uint8Array, { region, caller }: IamGate): boolean {
	const findCaller = (accessKeyId: string) => (accessKeyId === caller.accessKeyId ? (caller as Caller) : undefined);
	const received = { method, target: url, headers, body };
	return verifySignature(received, { region, service: "lambda", findCaller, nowMs: Date.now() }).kind === "signed";
}
