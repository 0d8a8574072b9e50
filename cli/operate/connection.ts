import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { UsageError } from "#cli/usage-error.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";

/** Which deployment to operate, and how the operator proves who it is, as the command line says. */
export interface ConnectionFlags {
	readonly endpoint?: string;
	readonly token?: string;
	/** The data directory of a local cloud, which says where it listens and has its admin token. */
	readonly data?: string;
	/** The file that `cdk deploy --outputs-file` has written. */
	readonly outputs?: string;
}

/** Credentials as the signer takes them: the variables of a Lambda environment. */
export type CredentialSource = () => Promise<NodeJS.ProcessEnv>;

/** Where the admin API is and what it is shown: a token locally, a signature on AWS. */
export interface Connection {
	/** Without a path. */
	readonly endpoint: URL;
	readonly proof:
		| { readonly kind: "bearer"; readonly token: string }
		| { readonly kind: "iam"; readonly region: RegionId; readonly credentials: CredentialSource };
}

const DEFAULT_ENDPOINT = "http://127.0.0.1:4600";
/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html */
const FUNCTION_URL = /^[a-z0-9-]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

/** @throws UsageError when the flags name no deployment, or no token is known for a local one */
export function connect(flags: ConnectionFlags, environment: NodeJS.ProcessEnv): Connection {
	if (flags.endpoint !== undefined && flags.outputs !== undefined)
		throw new UsageError("--endpoint and --outputs both name a deployment; give one");
	const endpoint = parseEndpoint(flags.outputs === undefined ? localUrlOf(flags) : adminUrlOf(flags.outputs));
	const region = FUNCTION_URL.exec(endpoint.hostname)?.[1];
	if (region === undefined) return { endpoint, proof: { kind: "bearer", token: tokenOf(flags, environment) } };
	return { endpoint, proof: { kind: "iam", region: regionId(region), credentials: defaultCredentials(regionId(region)) } };
}

function localUrlOf({ endpoint, data }: ConnectionFlags): string {
	if (endpoint !== undefined) return endpoint;
	const file = data === undefined ? undefined : join(data, "endpoint");
	return file !== undefined && existsSync(file) ? readFileSync(file, "utf8").trim() : DEFAULT_ENDPOINT;
}

function parseEndpoint(text: string): URL {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || !/^https?:$/.test(url.protocol))
		throw new UsageError(`--endpoint takes a URL such as ${DEFAULT_ENDPOINT}, not ${JSON.stringify(text.slice(0, 200))}`);
	return new URL(url.origin);
}

const outputsSchema = z.record(z.string(), z.record(z.string(), z.unknown()));

function adminUrlOf(file: string): string {
	const parsed = outputsSchema.safeParse(readJson(file));
	const urls = parsed.success ? Object.values(parsed.data).flatMap(({ AdminUrl }) => (typeof AdminUrl === "string" ? [AdminUrl] : [])) : [];
	const [url, ...more] = urls;
	if (url === undefined) throw new UsageError(`${file} has no stack with the output AdminUrl; write it with cdk deploy --outputs-file`);
	if (more.length > 0) throw new UsageError(`${file} names several deployments; choose one with --endpoint: ${urls.join(", ")}`);
	return url;
}

function readJson(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		throw new UsageError(`--outputs ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function tokenOf({ token, data }: ConnectionFlags, environment: NodeJS.ProcessEnv): string {
	const given = token ?? (data === undefined ? environment["HELIOTROPE_ADMIN_TOKEN"] : readToken(data));
	if (given !== undefined && given !== "") return given;
	throw new UsageError("no admin token: give --token, --data with the data directory of the cloud, or HELIOTROPE_ADMIN_TOKEN");
}

function readToken(data: string): string {
	const file = join(data, "admin-token");
	try {
		return readFileSync(file, "utf8").trim();
	} catch {
		throw new UsageError(`--data ${data} has no admin-token that can be read; the cloud writes it at its first start`);
	}
}

/** The SDK's own chain (environment, profile, SSO, instance role), as every client of the region would use it. */
const defaultCredentials =
	(region: RegionId): CredentialSource =>
	async () => {
		const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
		const { accessKeyId, secretAccessKey, sessionToken } = await new DynamoDBClient({ region }).config.credentials();
		return {
			AWS_ACCESS_KEY_ID: accessKeyId,
			AWS_SECRET_ACCESS_KEY: secretAccessKey,
			...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
		};
	};
