import { createHash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "#adapters/http/sha256.ts";
import type { RegionId } from "#domain/geography/region-id.ts";

export interface SigningCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken?: string;
}

/** What is signed of a request to a function URL: all but its other headers, which proxies on the way may change. */
export interface SignedParts {
	readonly method: string;
	/** Host name without a port. */
	readonly host: string;
	/** Percent-encoded, as it will be sent. */
	readonly path: string;
	/** Decoded; every value of every name. */
	readonly query: Record<string, string[]>;
	/** SHA-256 of the body, in hex. */
	readonly bodyHash: string;
}

/** Headers to be added, names in lower case: `authorization`, `x-amz-date`, `x-amz-content-sha256` and, with a session, `x-amz-security-token`. */
export type SignatureHeaders = Readonly<Record<string, string>>;
export type LambdaSigner = (region: RegionId, parts: SignedParts) => Promise<SignatureHeaders>;

/** The hash of a body in base64, as Lambda@Edge hands it over. */
export const hashOfBase64 = (data: string): string =>
	data === "" ? EMPTY_HASH : createHash("sha256").update(data, "base64").digest("hex");

const EMPTY_HASH = createHash("sha256").digest("hex");

/**
 * Signs with SigV4 for function URLs behind IAM (service `lambda`), one signer a region, kept. Only `host` and the signature's own headers
 * are signed.
 *
 * @throws Error from the returned function when there are no credentials
 */
export function createLambdaSigner(credentials: SigningCredentials, nowMs: () => number): LambdaSigner {
	const signers = new Map<RegionId, SignatureV4>();
	const signerOf = (region: RegionId): SignatureV4 => {
		const known = signers.get(region);
		if (known !== undefined) return known;
		const signer = new SignatureV4({ service: "lambda", region, sha256: Sha256, credentials });
		signers.set(region, signer);
		return signer;
	};
	return async (region, { method, host, path, query, bodyHash }) => {
		if (credentials.accessKeyId === "" || credentials.secretAccessKey === "") throw new Error("there are no credentials to sign with");
		const headers = { host, "x-amz-content-sha256": bodyHash };
		const signed = await signerOf(region).sign(
			{ method, protocol: "https:", hostname: host, path, query, headers },
			{ signingDate: new Date(nowMs()) },
		);
		const { host: _, ...added } = signed.headers;
		return added;
	};
}

/** The credentials that the Lambda service puts into the environment; empty ones where there are none. */
export const credentialsOf = ({
	AWS_ACCESS_KEY_ID = "",
	AWS_SECRET_ACCESS_KEY = "",
	AWS_SESSION_TOKEN,
}: NodeJS.ProcessEnv): SigningCredentials => ({
	accessKeyId: AWS_ACCESS_KEY_ID,
	secretAccessKey: AWS_SECRET_ACCESS_KEY,
	...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
});
