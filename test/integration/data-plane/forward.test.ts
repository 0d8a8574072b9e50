import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { createForward } from "#adapters/http/forward.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { EU, US } from "#test/__helpers__/data-plane-world.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const environment = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" };
let server: Server | undefined;
afterEach(() => {
	server?.closeAllConnections();
	server?.close();
});

interface Received {
	readonly request: IncomingMessage;
	readonly body: Buffer;
}

async function serve(status: number, headers: Record<string, string>, answer: Uint8Array): Promise<{ url: string; received: Received[] }> {
	const received: Received[] = [];
	server = createServer(async (request, response) => {
		received.push({ request, body: await buffer(request) });
		response.writeHead(status, headers).end(answer);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return { url: `http://127.0.0.1:${address.port}`, received };
}

describe("forwarding over HTTP", () => {
	it("sends path, query, fields and body as they are, signed for the leader's region", async () => {
		const { url, received } = await serve(200, { etag: '"1-2"', "X-Heliotrope-Region": US }, new Uint8Array([0, 255]));
		const forward = createForward({
			urlOf: async (region) => (region === US ? url : undefined),
			clock: new ManualClock(Date.UTC(2026, 2, 1)),
			environment,
		});
		const answer = await forward(US, {
			method: "PUT",
			target: "/v1/partitions/p/items/..%2F%2E%2E/..?prefix=a%20b&cursor=x%2Fy",
			headers: { "content-type": "a/b", "x-heliotrope-hops": "1" },
			body: new Uint8Array([1, 2, 254]),
		});
		expect(answer).toMatchObject({ status: 200, headers: { etag: '"1-2"', "x-heliotrope-region": US } });
		expect([...answer.body]).toEqual([0, 255]);
		const [{ request, body } = { request: undefined, body: Buffer.alloc(0) }] = received;
		expect(request).toMatchObject({ method: "PUT", url: "/v1/partitions/p/items/..%2F%2E%2E/..?prefix=a%20b&cursor=x%2Fy" });
		expect([...body]).toEqual([1, 2, 254]);
		expect(request?.headers).toMatchObject({
			"content-type": "a/b",
			"x-heliotrope-hops": "1",
			"x-amz-date": "20260301T000000Z",
			"x-amz-security-token": "token",
		});
		expect(request?.headers.authorization).toMatch(
			/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260301\/us-east-1\/lambda\/aws4_request, SignedHeaders=[\w;-]*host[\w;-]*, Signature=[0-9a-f]{64}$/,
		);
	});

	it("says that a region is out of reach, and which one", async () => {
		const { url } = await serve(200, {}, new Uint8Array());
		server?.close();
		const forward = createForward({ urlOf: async () => url, clock: new ManualClock(), environment });
		const request = { method: "GET", target: "/", headers: {}, body: new Uint8Array() };
		await expect(forward(US, request)).rejects.toThrow(UnavailableError);
		await expect(forward(EU, request)).rejects.toThrow(/eu-west-1/);
	});
});
