import { MAX_KEY_BYTES } from "#domain/partition/settings.ts";
import { utf8Length } from "#domain/partition/utf8-order.ts";
import type { ListOperation } from "#lambdas/serve-data/data-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { wholeNumber } from "#lambdas/serve-data/validate.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** Reads `prefix`, `limit` and `cursor` of a list; a cursor is looked into when the list is begun. @throws ProblemError `request.invalid`. */
export function parseList(query: string): ListOperation {
	const params = new URLSearchParams(checkEncoding(query));
	const prefix = params.get("prefix") ?? "";
	if (utf8Length(prefix) > MAX_KEY_BYTES) throw new ProblemError("request.invalid", "prefix is longer than any key.");
	const limit = params.has("limit") ? wholeNumber(params.get("limit"), 1, MAX_LIMIT) : DEFAULT_LIMIT;
	if (limit === undefined) throw new ProblemError("request.invalid", `limit is a whole number from 1 to ${MAX_LIMIT}.`);
	const cursor = params.get("cursor");
	return { kind: "list", prefix, limit, ...(cursor !== null && { cursor }) };
}

/** What cannot be decoded would be looked for as another prefix. */
function checkEncoding(query: string): string {
	try {
		decodeURIComponent(query);
		return query;
	} catch (cause) {
		throw new ProblemError("request.invalid", "The query is not UTF-8, percent-encoded.", { cause });
	}
}
