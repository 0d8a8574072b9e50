import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Model } from "#predictor/models/model.ts";
import { answerInvocation, CONTENT_TYPES, type Reply } from "#predictor/serving/invocations.ts";

/** The largest body of a serverless endpoint, and its largest answer. @see https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Where patience with a body that is too large ends in a closed connection. */
const MAX_DISCARDED_BYTES = 8 * MAX_BODY_BYTES;

/**
 * The HTTP contract of a SageMaker inference container. `/ping` answers 503 until `model()` is there.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
export function createModelServer(model: () => Model | undefined): Server {
	return createServer((request, response) => {
		handle(request, model()).then(
			(reply) => send(request, response, reply),
			(error: unknown) => send(request, response, { status: 500, body: { error: String(error) } }),
		);
	});
}

async function handle(request: IncomingMessage, model: Model | undefined): Promise<Reply> {
	const path = (request.url ?? "").split("?")[0];
	if (path === "/ping") return ping(request.method, model);
	if (path !== "/invocations") return { status: 404, body: { error: "there are /ping and /invocations" } };
	if (request.method !== "POST") return { status: 405, body: { error: "POST only" } };
	if (model === undefined) return { status: 503, body: { error: "the model is not loaded" } };
	const contentType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
	if (contentType === undefined || !CONTENT_TYPES.includes(contentType))
		return { status: 415, body: { error: `content-type must be ${CONTENT_TYPES.join(" or ")}` } };
	const body = await readBody(request);
	return body === undefined
		? { status: 413, body: { code: "request.too-large", error: `the body is larger than ${MAX_BODY_BYTES} bytes` } }
		: answerInvocation(model, body, contentType);
}

function ping(method: string | undefined, model: Model | undefined): Reply {
	if (method !== "GET" && method !== "POST") return { status: 405, body: { error: "GET or POST" } };
	return model === undefined ? { status: 503, body: { status: "loading" } } : { status: 200, body: { status: "ready" } };
}

/**
 * The whole body as text; undefined when it is too large, however it is sent. A body that is too large is read to its end and
 * thrown away, because a client that is still sending would see a broken connection instead of the answer.
 */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request) {
		bytes += (chunk as Buffer).length;
		if (bytes > MAX_DISCARDED_BYTES) break;
		if (bytes <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
	}
	return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
	const body = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
	const bytes = Buffer.byteLength(body);
	// lines are for batch transform, which takes what an endpoint does not
	if (bytes > MAX_BODY_BYTES && reply.contentType === undefined) {
		send(request, response, tooLarge(bytes));
		return;
	}
	// a body that was not read cannot be followed by another request
	const close = request.complete ? {} : { connection: "close" };
	response.writeHead(reply.status, {
		"content-type": reply.contentType ?? "application/json",
		"content-length": bytes,
		...close,
	});
	response.end(body);
}

const tooLarge = (bytes: number): Reply => ({
	status: 413,
	body: {
		code: "answer.too-large",
		error: `the answer would have ${bytes} bytes, more than ${MAX_BODY_BYTES}; ask about fewer partitions at once`,
	},
});
