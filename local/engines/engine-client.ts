import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { RegionId } from "#domain/geography/region-id.ts";
import { OperatingError } from "#domain/shared/errors.ts";

export interface EngineReply {
	readonly status: number;
	readonly headers: IncomingMessage["headers"];
	readonly body: Buffer;
}

/** The connection broke after the request may have reached the engine: the outcome of a write is unknown. Retry helps. */
export class EngineLostError extends OperatingError {
	override name = "EngineLostError";
	constructor(region: RegionId, cause: unknown) {
		super(`the engine of ${region} was lost during a request`, { code: "engine.lost", retryable: true, details: { region }, cause });
	}
}

/** The engine answered a request of the local cloud itself with an error. */
export class EngineRefusedError extends OperatingError {
	override name = "EngineRefusedError";
	constructor(region: RegionId, target: string, reply: EngineReply) {
		super(`${target} at ${region} was answered ${reply.status}: ${reply.body.toString("utf8").slice(0, 300)}`, {
			code: "engine.refused",
			retryable: reply.status >= 500,
			details: { region, target, type: errorType(reply) },
		});
	}
}

/** The exception name of a DynamoDB error reply, without its namespace. */
export function errorType(reply: EngineReply): string {
	return /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(reply.body.toString("utf8"))?.[1] ?? "";
}

/** Wall ms during which a request that was never delivered waits for the supervisor to bring the engine back. */
const REVIVAL_MS = 5000;
const RECONNECT_MS = 15;

/** Speaks the DynamoDB JSON protocol to the engines over kept-alive connections. */
export class EngineClient {
	readonly #endpointOf: (region: RegionId) => string;
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "lifo" });
	#closed = false;

	constructor(endpointOf: (region: RegionId) => string) {
		this.#endpointOf = endpointOf;
	}

	/** @param target such as `DynamoDB_20120810.PutItem`. @throws EngineLostError when the outcome is unknown or the engine stays away */
	async send(region: RegionId, target: string, body: Buffer | string): Promise<EngineReply> {
		const deadline = performance.now() + REVIVAL_MS;
		for (;;) {
			try {
				return await this.#once(region, target, body);
			} catch (error) {
				const undelivered = (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
				if (!undelivered || this.#closed || performance.now() > deadline) throw new EngineLostError(region, error);
				await delay(RECONNECT_MS);
			}
		}
	}

	/** The parsed answer, whose shape the caller vouches for. @throws EngineRefusedError, EngineLostError */
	async json<T>(region: RegionId, target: string, input: unknown): Promise<T> {
		const reply = await this.send(region, target, JSON.stringify(input));
		if (reply.status !== 200) throw new EngineRefusedError(region, target, reply);
		return JSON.parse(reply.body.toString("utf8")) as T;
	}

	close(): void {
		this.#closed = true;
		this.#agent.destroy();
	}

	#once(region: RegionId, target: string, body: Buffer | string): Promise<EngineReply> {
		const { hostname, port } = this.#address(region);
		return new Promise((resolve, reject) => {
			const headers = {
				"content-type": "application/x-amz-json-1.0",
				"content-length": Buffer.byteLength(body),
				"x-amz-target": target,
				"x-amz-date": "20260101T000000Z",
				authorization: credentialFor(region),
			};
			const outgoing = request({ agent: this.#agent, hostname, port, method: "POST", path: "/", headers }, (reply) => {
				const chunks: Buffer[] = [];
				reply.on("data", (chunk: Buffer) => chunks.push(chunk));
				reply.on("end", () =>
					resolve({
						status: reply.statusCode ?? 500,
						headers: reply.headers,
						body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
					}),
				);
				reply.on("error", reject);
			});
			outgoing.on("error", reject);
			outgoing.end(body);
		});
	}

	readonly #addresses = new Map<RegionId, { hostname: string; port: string }>();

	#address(region: RegionId): { hostname: string; port: string } {
		const known = this.#addresses.get(region);
		if (known !== undefined) return known;
		const { hostname, port } = new URL(this.#endpointOf(region));
		const address = { hostname, port: port === "" ? "80" : port };
		this.#addresses.set(region, address);
		return address;
	}
}

/** Engines verify no signature but want one; those that serve several regions tell them apart by this scope. */
const credentialFor = (region: RegionId): string =>
	`AWS4-HMAC-SHA256 Credential=HELIOTROPE/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`;
