import type { PartitionId } from "#domain/partition/partition-id.ts";
import { emptyToken, mergeTokens, type SessionToken } from "#domain/partition/session-token.ts";
import { decodeToken, encodeToken } from "#domain/partition/session-token-codec.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";

/** Where a session's token travels, in requests and answers. */
export const SESSION_HEADER = "x-heliotrope-session";
const CONSISTENCY_HEADER = "x-heliotrope-consistency";

/** What the caller of one request has seen so far, growing with every operation. */
export interface Session {
	/** What an operation bears that belongs to the session. */
	headers(): Readonly<Record<string, string>>;
	/** Takes in what an operation has seen. */
	learn(answer: Pick<Answer, "headers">): void;
	/** For the caller's next request; undefined before the first operation of a session that came without one. */
	token(): string | undefined;
}

/** The session that a request belongs to: it bears a token, or asks for one. Undefined for any other request. */
export function sessionOf(partition: PartitionId, headers: Readonly<Record<string, string | undefined>>): Session | undefined {
	const given = headers[SESSION_HEADER];
	if (given === undefined && headers[CONSISTENCY_HEADER]?.trim() !== "session") return undefined;
	const { partition: own } = emptyToken(partition);
	let learned: SessionToken | undefined;
	// What the caller has sent is checked by the first operation that it goes with; a token of ours knows all of it.
	const token = (): string | undefined => (learned === undefined ? given : encodeToken(learned));
	return {
		token,
		headers: () => {
			const text = token();
			return { [CONSISTENCY_HEADER]: "session", ...(text === undefined ? {} : { [SESSION_HEADER]: text }) };
		},
		learn({ headers: answered }) {
			const decoded = decodeToken(answered[SESSION_HEADER] ?? "");
			if (decoded.kind === "malformed" || decoded.token.partition !== own) return;
			// operations may run at once: neither forgets what the other has seen
			learned = learned === undefined ? decoded.token : mergeTokens(learned, decoded.token);
		},
	};
}
