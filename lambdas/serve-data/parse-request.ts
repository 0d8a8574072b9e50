import type { LambdaFunctionURLEvent } from "aws-lambda";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import type { DataRequest, IncomingRequest, ItemOperation, RouteHints } from "#lambdas/serve-data/data-request.ts";
import { parseIdempotencyKey } from "#lambdas/serve-data/once.ts";
import { parseBatch } from "#lambdas/serve-data/parse-batch.ts";
import { parseConsistency } from "#lambdas/serve-data/parse-consistency.ts";
import { parseList } from "#lambdas/serve-data/parse-list.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { checkBody, checkContentType, checkKey, parsePrecondition, wholeNumber } from "#lambdas/serve-data/validate.ts";

const PATH = /^\/v1\/partitions\/([^/]+)\/(items|batch)(?:\/(.*))?$/s;

/** Reads a request. @throws ProblemError with a 4xx problem for anything the data API does not know. */
export function parseRequest(incoming: IncomingRequest): DataRequest {
	const [, partitionText = "", collection, keyText] = PATH.exec(incoming.path) ?? [];
	if (collection === undefined) throw new ProblemError("path.unknown");
	const partition = parsePartition(partitionText);
	const idempotencyKey = parseIdempotencyKey(incoming.headers);
	return {
		partition,
		...(idempotencyKey !== undefined && { idempotencyKey }),
		asked: parseConsistency(incoming.headers, partition),
		operation: operationOf(incoming, collection, keyText),
		route: parseHints(incoming.headers),
		incoming,
	};
}

/** The request of a function URL event (payload 2.0) as it came, whatever it says. */
export const incomingOf = (event: LambdaFunctionURLEvent): IncomingRequest => ({
	method: event.requestContext.http.method.toUpperCase(),
	path: event.rawPath,
	query: event.rawQueryString ?? "",
	headers: Object.fromEntries(
		Object.entries(event.headers ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])),
	),
	body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
});

function operationOf(incoming: IncomingRequest, collection: string, keyText: string | undefined): DataRequest["operation"] {
	const { method } = incoming;
	if (collection === "batch") {
		if (keyText !== undefined) throw new ProblemError("path.unknown");
		return method === "POST" ? parseBatch(incoming.body) : notAllowed("POST");
	}
	if (keyText === undefined) return method === "GET" ? parseList(incoming.query) : notAllowed("GET");
	return parseItemOperation(incoming, checkKey(decode(keyText, "item.key-invalid")));
}

function parseItemOperation({ method, headers, body }: IncomingRequest, key: string): ItemOperation {
	const ifNoneMatch = headers["if-none-match"];
	if (method === "GET") return ifNoneMatch === undefined ? { kind: "get", key } : { kind: "get", key, ifNoneMatch };
	const precondition = parsePrecondition(headers["if-match"], ifNoneMatch);
	switch (method) {
		case "PUT":
			return { kind: "put", key, body: checkBody(body), contentType: checkContentType(headers["content-type"]), precondition };
		case "DELETE":
			if (ifNoneMatch !== undefined) throw new ProblemError("request.invalid", "DELETE takes If-Match only.");
			return { kind: "delete", key, precondition };
		default:
			return notAllowed("GET, PUT, DELETE");
	}
}

function parsePartition(text: string): PartitionId {
	const name = decode(text, "partition.invalid");
	if (!isPartitionId(name)) throw new ProblemError("partition.invalid");
	return name;
}

/** Hints that make no sense are left out: they are hints. */
export function parseHints(headers: IncomingRequest["headers"]): RouteHints {
	const hops = wholeNumber(headers["x-heliotrope-hops"], 0, Number.MAX_SAFE_INTEGER) ?? 0;
	const buckets = wholeNumber(headers["x-heliotrope-buckets"], 1, 64);
	return { hops, canary: headers["x-heliotrope-canary"] === "1", ...(buckets !== undefined && { buckets }) };
}

function decode(text: string, problem: "item.key-invalid" | "partition.invalid"): string {
	try {
		return decodeURIComponent(text);
	} catch (cause) {
		throw new ProblemError(problem, "The percent-encoding is broken.", { cause });
	}
}

function notAllowed(allow: string): never {
	throw new ProblemError("method.not-allowed", `Allowed: ${allow}.`, { headers: { allow } });
}
