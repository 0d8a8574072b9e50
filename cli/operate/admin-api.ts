import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buffer } from "node:stream/consumers";
import * as z from "zod";
import { signForLambda, type UnsignedRequest } from "#adapters/http/sign.ts";
import type { Connection } from "#cli/operate/connection.ts";
import { AdminRefusal, UnreachableError } from "#cli/operate/failures.ts";

/** Longer than the function behind the API may take. */
const TIMEOUT_MS = 40_000;

/** What a path may be asked with; undefined values are left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/** The admin API of one deployment. Every method gives the parsed JSON of a 2xx answer. @throws AdminRefusal, UnreachableError */
export class AdminApi {
	readonly #connection: Connection;
	readonly #nowMs: () => number;

	/** @param nowMs the wall clock, which signatures are dated by */
	constructor(connection: Connection, nowMs: () => number = Date.now) {
		this.#connection = connection;
		this.#nowMs = nowMs;
	}

	/** @param path below `/admin/v1/`, percent-encoded */
	get(path: string, query: Query = {}): Promise<unknown> {
		return this.#call("GET", path, query);
	}

	send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: unknown = {}, query: Query = {}): Promise<unknown> {
		return this.#call(method, path, query, body);
	}

	async #call(method: string, path: string, query: Query, json?: unknown): Promise<unknown> {
		const body = json === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(json));
		const given = Object.entries(query).flatMap(([name, value]): [string, string[]][] => (value === undefined ? [] : [[name, [value]]]));
		const unsigned: UnsignedRequest = {
			method,
			url: this.#connection.endpoint,
			path: `/admin/v1/${path}`,
			query: Object.fromEntries(given),
			headers: {
				accept: "application/json",
				...(json === undefined ? {} : { "content-type": "application/json", "content-length": String(body.byteLength) }),
			},
			body,
		};
		const { status, text } = await exchange(unsigned, await this.#headers(unsigned));
		return parseAnswer(this.#connection.endpoint, status, text);
	}

	async #headers(unsigned: UnsignedRequest): Promise<Record<string, string>> {
		const { proof } = this.#connection;
		if (proof.kind === "bearer") return { ...unsigned.headers, authorization: `Bearer ${proof.token}` };
		const credentials = await proof.credentials().catch((cause: unknown) => {
			throw new UnreachableError("no AWS credentials were found for the signature; set a profile or the AWS variables", cause);
		});
		return signForLambda(unsigned, proof.region, credentials, this.#nowMs());
	}
}

async function exchange({ method, url, path, query, body }: UnsignedRequest, headers: Record<string, string>) {
	const search = Object.entries(query)
		.flatMap(([name, values]) => values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`))
		.join("&");
	const options = {
		method,
		hostname: url.hostname,
		port: url.port === "" ? undefined : url.port,
		path: search === "" ? path : `${path}?${search}`,
		headers,
		// A connection of its own: one kept alive may be the one that the other side has just closed.
		agent: false,
		signal: AbortSignal.timeout(TIMEOUT_MS),
	};
	try {
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			const send = url.protocol === "https:" ? requestHttps : requestHttp;
			send(options, resolve).on("error", reject).end(body);
		});
		return { status: response.statusCode ?? 0, text: (await buffer(response)).toString("utf8") };
	} catch (cause) {
		throw new UnreachableError(`nothing answers at ${url.origin} (${reasonOf(cause)}); --endpoint says where the deployment is`, cause);
	}
}

const reasonOf = (cause: unknown): string => {
	if (!(cause instanceof Error)) return "no answer";
	return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
};

const problemSchema = z.looseObject({ code: z.string().optional(), detail: z.string().optional(), Message: z.string().optional() });

function parseAnswer(endpoint: URL, status: number, text: string): unknown {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		throw new UnreachableError(`${endpoint.origin} answered ${status} without JSON: is it the admin API of Heliotrope?`);
	}
	if (status >= 200 && status < 300) return json;
	const problem = problemSchema.safeParse(json);
	const { code, detail, Message } = problem.success ? problem.data : {};
	throw new AdminRefusal(status, code ?? `http.${status}`, detail ?? Message ?? `the admin API answered ${status}`);
}
