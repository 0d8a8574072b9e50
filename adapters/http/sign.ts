import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { RegionId } from "#domain/geography/region-id.ts";

type Source = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, or its HMAC where a secret is given, as the signer wants it. */
class Sha256 {
	readonly #hash: Hash | Hmac;

	constructor(secret?: Source) {
		this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
	}

	update(chunk: Source): void {
		this.#hash.update(bytesOf(chunk));
	}

	async digest(): Promise<Uint8Array> {
		return this.#hash.digest();
	}

	reset(): void {
		throw new Error("the signer makes a new hash each time");
	}
}

const bytesOf = (source: Source): Uint8Array => {
	if (typeof source === "string") return Buffer.from(source, "utf8");
	return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
};

/** A request before it is signed. `path` is percent-encoded; `query` is decoded. */
export interface UnsignedRequest {
	readonly method: string;
	readonly url: URL;
	readonly path: string;
	readonly query: Record<string, string[]>;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** The header fields of a request to a function URL in `region`, signed with SigV4. Credentials are those of the Lambda environment. */
export async function signForLambda(
	request: UnsignedRequest,
	region: RegionId,
	environment: NodeJS.ProcessEnv,
	nowMs: number,
): Promise<Record<string, string>> {
	const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN } = environment;
	const signer = new SignatureV4({
		service: "lambda",
		region,
		sha256: Sha256,
		credentials: {
			accessKeyId: AWS_ACCESS_KEY_ID,
			secretAccessKey: AWS_SECRET_ACCESS_KEY,
			...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
		},
	});
	const { method, url, path, query, headers, body } = request;
	const signed = await signer.sign(
		{ method, protocol: url.protocol, hostname: url.hostname, path, query, headers: { ...headers, host: url.host }, body },
		{ signingDate: new Date(nowMs) },
	);
	return signed.headers;
}
