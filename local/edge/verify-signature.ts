import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Caller } from "#local/gateway/callers.ts";

/** A request as it arrived at a service that takes signed requests only. */
export interface ReceivedRequest {
	readonly method: string;
	/** Path and query as sent. */
	readonly target: string;
	/** Names in lower case; several values joined by commas, as node does. */
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: Uint8Array;
}

export interface VerifyOptions {
	readonly region: string;
	readonly service: string;
	/** Who has this access key; undefined: nobody. */
	readonly findCaller: (accessKeyId: string) => Caller | undefined;
	readonly nowMs: number;
}

export type Verified = { readonly kind: "signed"; readonly caller: Caller } | { readonly kind: "refused"; readonly reason: string };

/** How far the clocks of signer and verifier may be apart. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
const MAX_SKEW_MS = 5 * 60_000;
const AUTHORIZATION =
	/^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Verifies a SigV4 signature as IAM does, from the published description and not with the library that signs: hash of the body, canonical
 * request, scope, signing key.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature(request: ReceivedRequest, { region, service, findCaller, nowMs }: VerifyOptions): Verified {
	const { headers } = request;
	const [, accessKeyId = "", date = "", scopeRegion, scopeService, signedNames = "", signature = ""] =
		AUTHORIZATION.exec(one(headers["authorization"])) ?? [];
	if (signature === "") return refused("there is no SigV4 authorization");
	if (scopeRegion !== region || scopeService !== service) return refused(`the scope is ${scopeRegion}/${scopeService}`);
	const caller = findCaller(accessKeyId);
	if (caller === undefined) return refused(`${accessKeyId} is nobody's key`);
	if (one(headers["x-amz-security-token"]) !== caller.sessionToken) return refused("the session token is another one");
	const stamp = one(headers["x-amz-date"]);
	const stampMs = timeOf(stamp);
	if (!stamp.startsWith(date) || !(Math.abs(nowMs - stampMs) <= MAX_SKEW_MS)) return refused("the signature's time is not now");
	const missing = missingHeader(signedNames.split(";"), Object.keys(headers));
	if (missing !== undefined) return refused(`${missing} is not signed`);
	const bodyHash = sha256(request.body);
	if (one(headers["x-amz-content-sha256"]) !== bodyHash) return refused("the body has another hash");
	const scope = [date, region, service, "aws4_request"];
	const toSign = ["AWS4-HMAC-SHA256", stamp, scope.join("/"), sha256(canonicalRequest(request, signedNames, bodyHash))].join("\n");
	const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${caller.secretAccessKey}`);
	const equal = timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex"));
	return equal ? { kind: "signed", caller } : refused("the signature is another one");
}

const refused = (reason: string): Verified => ({ kind: "refused", reason });
const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? value.join(",") : (value ?? ""));
const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** Host and every `x-amz-` header have to be signed, but for those that CloudFront adds under way. */
const missingHeader = (signed: readonly string[], present: readonly string[]): string | undefined =>
	["host", ...present.filter((name) => name.startsWith("x-amz-") && !name.startsWith("x-amz-cf-"))].find((name) => !signed.includes(name));

/** @see the canonical request of the description: path segments encoded once more, redundant ones removed; query sorted by encoded name and value */
export function canonicalRequest({ method, target, headers }: ReceivedRequest, signedNames: string, bodyHash: string): string {
	const mark = target.indexOf("?");
	const [path, query] = mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
	const lines = signedNames.split(";").map((name) => `${name}:${one(headers[name]).trim().replace(/ +/g, " ")}\n`);
	return [method, canonicalPath(path), canonicalQuery(query), lines.join(""), signedNames, bodyHash].join("\n");
}

function canonicalPath(path: string): string {
	const kept: string[] = [];
	for (const segment of path.split("/")) {
		if (segment === "" || segment === ".") continue;
		if (segment === "..") kept.pop();
		else kept.push(encode(segment));
	}
	return `/${kept.join("/")}${kept.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

function canonicalQuery(query: string): string {
	const pairs = query.split("&").filter((pair) => pair !== "");
	const encoded = pairs.map((pair) => {
		const equals = pair.indexOf("=");
		const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
		return [encode(decode(name)), encode(decode(value))] as const;
	});
	const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
	return encoded
		.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
		.map(([name, value]) => `${name}=${value}`)
		.join("&");
}

const encode = (text: string): string =>
	encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** `20260301T120000Z` in ms since the Unix epoch; not a number for anything else. */
function timeOf(stamp: string): number {
	const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
	if (match === null) return Number.NaN;
	const [year = 0, month = 1, day, hour, minute, second] = match.slice(1).map(Number);
	return Date.UTC(year, month - 1, day, hour, minute, second);
}
