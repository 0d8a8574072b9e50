import { Consistency, consistencyOf } from "#domain/partition/consistency.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { emptyToken, mergeTokens, type SessionToken } from "#domain/partition/session-token.ts";
import { decodeToken } from "#domain/partition/session-token-codec.ts";
import type { AskedConsistency, IncomingRequest } from "#lambdas/serve-data/data-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** Tokens of one request: a client with requests under way at once sends what each of them gave it. */
const MAX_TOKENS = 8;

/**
 * Reads `x-heliotrope-consistency`, and for a session `x-heliotrope-session`: none, or up to eight tokens with commas between.
 *
 * @throws ProblemError `consistency.invalid`, `session.token-invalid` or `session.token-foreign`
 */
export function parseConsistency(headers: IncomingRequest["headers"], partition: PartitionId): AskedConsistency {
	const asked = headers["x-heliotrope-consistency"]?.trim();
	const consistency = asked === undefined ? Consistency.Linearizable : consistencyOf(asked);
	if (consistency === undefined) throw new ProblemError("consistency.invalid");
	if (consistency !== Consistency.Session) return { consistency };
	const texts = (headers["x-heliotrope-session"] ?? "").split(",").map((text) => text.trim());
	const tokens = texts.filter((text) => text !== "");
	if (tokens.length > MAX_TOKENS) throw new ProblemError("session.token-invalid", `At most ${MAX_TOKENS} tokens, not ${tokens.length}.`);
	return { consistency, token: tokens.reduce((merged, text) => mergeTokens(merged, parseToken(text, merged)), emptyToken(partition)) };
}

function parseToken(text: string, { partition }: SessionToken): SessionToken {
	const decoded = decodeToken(text);
	if (decoded.kind === "malformed") throw new ProblemError("session.token-invalid", `The session token is not one: ${decoded.reason}.`);
	if (decoded.token.partition !== partition) throw new ProblemError("session.token-foreign");
	return decoded.token;
}
