import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "#adapters/http/sha256.ts";
import type { RegionId } from "#domain/geography/region-id.ts";

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
