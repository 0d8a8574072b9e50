import { Agent, request } from "node:http";

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: Buffer;
}

/** An HTTP request over loopback. */
export interface HttpCall {
	readonly method: string;
	/** Percent-encoded, with query string. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: Buffer;
}

/** Wall ms without a byte after which a connection counts as dead: a hung server must not hang a run for ever. */
const SOCKET_TIMEOUT_MS = 120_000;

/** Sends requests to one origin over kept-alive connections. */
export class HttpClient {
	readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 32 });
	readonly #origin: URL;

	constructor(origin: string) {
		this.#origin = new URL(origin);
	}

	/** @throws Error of node:http when there was no answer; whether the request was carried out is then unknown. */
	send(call: HttpCall): Promise<HttpAnswer> {
		return new Promise((resolve, reject) => {
			const { hostname: host, port } = this.#origin;
			const headers = { ...call.headers, ...(call.body === undefined ? {} : { "content-length": String(call.body.length) }) };
			const out = request({ host, port, method: call.method, path: call.path, headers, agent: this.#agent }, (answer) => {
				const chunks: Buffer[] = [];
				answer.on("data", (chunk: Buffer) => chunks.push(chunk));
				answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
				answer.on("error", reject);
			});
			out.setTimeout(SOCKET_TIMEOUT_MS, () => out.destroy(new Error("no answer within 120 s")));
			out.on("error", reject);
			out.end(call.body);
		});
	}

	close(): void {
		this.#agent.destroy();
	}
}

/** The first value of a header, or undefined. */
export const headerOf = (answer: HttpAnswer, name: string): string | undefined => {
	const value = answer.headers[name];
	return Array.isArray(value) ? value[0] : value;
};

/** A header that holds a number at or above 0, or undefined. */
export const numberHeaderOf = (answer: HttpAnswer, name: string): number | undefined => {
	const text = headerOf(answer, name);
	const value = text === undefined || text === "" ? Number.NaN : Number(text);
	return value >= 0 ? value : undefined;
};
