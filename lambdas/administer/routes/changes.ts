import * as z from "zod";
import type { FeedEntry } from "#domain/ports/metadata-changes.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const changesQuery = z.strictObject({ after: position.optional(), limit: z.coerce.number().int().min(1).max(1000).default(200) });

/**
 * `GET changes`: what has happened to partitions and freeze switches after a position of the change feed, at least once, and `cursor`, to be
 * given as `after` next time. Without `after`: no changes, only where the feed is now; whoever wants a complete picture asks so first, then
 * lists the partitions, then goes on from there.
 */
async function listChanges({ changes }: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { after, limit } = parseQuery(request, changesQuery);
	if (after === undefined) return answer(200, { changes: [], cursor: String(await changes.head()) });
	const page = await changes.read({ after, limit });
	if (page.kind === "gone") {
		const cursor = String(await changes.head());
		throw new AdminProblem(410, "changes.gone", "changes after this position are not kept; list the partitions, and go on from cursor", {
			cursor,
		});
	}
	return answer(200, { changes: page.entries.map(shown), cursor: String(page.entries.at(-1)?.position ?? after) });
}

/** An entry as answers have it: the change itself, its place and its time. */
export const shown = ({ position: at, atMs, change }: FeedEntry) => ({ position: at, at: new Date(atMs).toISOString(), ...change });

export const CHANGE_ROUTES: readonly Route[] = [{ method: "GET", pattern: "changes", handle: listChanges }];
