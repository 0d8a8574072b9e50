import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SignatureV4 } from "@smithy/signature-v4";

/** A request as it is about to be sent. */
export interface OutgoingRequest {
	readonly method: string;
	/** With the port, where it is written in the URL. */
	readonly host: string;
	/** Path and query as they are sent. */
	readonly target: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** The headers of the request with its signature among them. */
export type SignRequest = (request: OutgoingRequest) => Promise<Readonly<Record<string, string>>>;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html */
const FUNCTION_URL = /^[a-z0-9-]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

/** The region of a Lambda function URL; undefined for any other. */
export const functionUrlRegion = ({ hostname }: URL): string | undefined => FUNCTION_URL.exec(hostname)?.[1];

/** Where a data plane behind IAM looks for the caller's token: `authorization` is the signature's. */
const TOKEN_HEADER = "x-heliotrope-authorization";

/**
 * Signs for a function URL of `region` behind IAM with SigV4; credentials are those of the SDK's own chain (environment, profile, SSO, role). Host,
 * body hash and the signature's own headers are signed.
 *
 * @throws Error from the returned function when the chain finds no credentials
 */
export function createRequestSigner(region: string): SignRequest {
	// the client is never asked: its configuration has the chain of credentials and the hash
	const { credentials, sha256 } = new DynamoDBClient({ region }).config;
	const signer = new SignatureV4({ service: "lambda", region, credentials, sha256 });
	return async ({ method, host, target, headers: { authorization, ...headers }, body }) => {
		const [path = "/", query = ""] = target.split(/\?(.*)/s);
		const hash = new sha256();
		hash.update(body);
		const bodyHash = Buffer.from(await hash.digest()).toString("hex");
		const signed = await signer.sign({
			method,
			protocol: "https:",
			hostname: host,
			path,
			query: decodedQuery(query),
			headers: { host, "x-amz-content-sha256": bodyHash },
		});
		return { ...headers, ...(authorization === undefined ? {} : { [TOKEN_HEADER]: authorization }), ...signed.headers };
	};
}

/** Every value of every name. What is not percent-encoded UTF-8 is taken as it is written. */
function decodedQuery(text: string): Record<string, string[]> {
	const query: Record<string, string[]> = Object.create(null);
	for (const pair of text.split("&").filter((one) => one !== "")) {
		const [name = "", value = ""] = pair.split(/=(.*)/s).map(decoded);
		query[name] = [...(query[name] ?? []), value];
	}
	return query;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
