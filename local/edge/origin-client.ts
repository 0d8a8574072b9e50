import { Agent, request } from "node:http";
import type { CloudFrontHeaders, CloudFrontRequest } from "aws-lambda";

export interface OriginAnswer {
	readonly status: number;
	readonly statusDescription: string;
	readonly rawHeaders: readonly string[];
	readonly body: Buffer;
}

/** Headers beyond the function's that the local network needs. */
export type ExtraHeaders = Readonly<Record<string, string>>;

/** Sends requests to origins as CloudFront does. Names that end in `.localhost` are this machine (RFC 6761); no others exist here. */
export class OriginClient {
	readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });

	/** @throws Error when the origin breaks the connection or is not on this machine */
	async send({ method, uri, querystring, headers, origin }: CloudFrontRequest, body: Buffer, extra: ExtraHeaders): Promise<OriginAnswer> {
		const custom = origin?.custom;
		if (custom === undefined || custom.protocol !== "http" || !custom.domainName.endsWith(".localhost")) {
			throw new Error(`origin ${custom?.protocol}://${custom?.domainName} cannot be reached from this machine`);
		}
		const path = `${custom.path}${uri}${querystring === "" ? "" : `?${querystring}`}`;
		const sent = { ...flatten(headers), ...extra, ...(body.length > 0 ? { "content-length": String(body.length) } : {}) };
		return this.#exchange({ host: "127.0.0.1", port: custom.port, method, path, headers: sent }, body);
	}

	close(): void {
		this.#agent.destroy();
	}

	#exchange(
		options: { host: string; port: number; method: string; path: string; headers: Record<string, string | string[]> },
		body: Buffer,
	): Promise<OriginAnswer> {
		return new Promise((resolve, reject) => {
			const out = request({ ...options, agent: this.#agent }, (answer) => {
				const chunks: Buffer[] = [];
				answer.on("data", (chunk: Buffer) => chunks.push(chunk));
				answer.on("error", reject);
				answer.on("end", () =>
					resolve({
						status: answer.statusCode ?? 502,
						statusDescription: answer.statusMessage ?? "",
						rawHeaders: answer.rawHeaders,
						body: Buffer.concat(chunks),
					}),
				);
			});
			out.on("error", reject);
			out.end(body);
		});
	}
}

/** Header names to values, several values kept apart. */
export const flatten = (headers: CloudFrontHeaders): Record<string, string | string[]> =>
	Object.fromEntries(
		Object.entries(headers).map(([name, entries]) => {
			const values = entries.map(({ value }) => value);
			return [name, values.length === 1 ? (values[0] as string) : values];
		}),
	);
