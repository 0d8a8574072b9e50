import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { json } from "node:stream/consumers";

/** A request as the admin API got it. */
export interface Received {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: unknown;
}

/** What the API answers; an array is answered one after another, the last one from then on. */
export type Answers = Readonly<Record<string, readonly { readonly status?: number; readonly body: unknown }[]>>;

/** An admin API that answers what it is told by method and path (`GET /admin/v1/regions`), else 404. */
export async function fakeAdmin(answers: Answers) {
	const received: Received[] = [];
	const asked = new Map<string, number>();
	const server = createServer(async (request, response) => {
		const { method = "", url = "", headers } = request;
		received.push({ method, url, headers, body: headers["content-length"] === undefined ? undefined : await json(request) });
		const route = `${method} ${url}`;
		const index = asked.get(route) ?? 0;
		asked.set(route, index + 1);
		const all = answers[route] ?? [{ status: 404, body: { code: "path.unknown", detail: `no ${route}` } }];
		const { status = 200, body } = all[Math.min(index, all.length - 1)] ?? { body: {} };
		response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return {
		url: `http://127.0.0.1:${address.port}`,
		received,
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}
