import { Consistency } from "#domain/partition/consistency.ts";
import { withSeen } from "#domain/partition/session-token.ts";
import { encodeToken } from "#domain/partition/session-token-codec.ts";
import type { HeldVersion } from "#domain/ports/regional-store.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import type { AskedConsistency } from "#lambdas/serve-data/data-request.ts";

/** Whether the request belongs to a session, which remembers what it has seen. */
export const remembers = ({ consistency }: AskedConsistency): boolean => consistency === Consistency.Session;

/** What a session has seen by now, for its next request; nothing for a request without a session. */
export const sessionOf = (asked: AskedConsistency, seen: readonly HeldVersion[]): Answer["headers"] =>
	asked.consistency === Consistency.Session ? { "x-heliotrope-session": encodeToken(withSeen(asked.token, seen)) } : {};
