import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { FeedPage } from "#domain/ports/metadata-changes.ts";
import { AdminProblem, type AdminRequest, type AdminResponse } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import { shown } from "#lambdas/administer/routes/changes.ts";
import { summaryOf } from "#lambdas/administer/routes/migrations.ts";

/** After which a client asks again, in ms. */
const RETRY_MS = 3000;
/** Looks overlap by so much, because lists may lag: an event may come twice, with the same content. */
const OVERLAP_MS = 5000;
/** Newest migrations of each state that one answer looks at. */
const LOOK_BACK = 100;
/** Changes of partitions in one answer; the next answer has the next ones. */
const MOST_CHANGES = 500;

/**
 * `GET stream`: server-sent events. An answer holds what has changed since `Last-Event-ID` and ends; the client's own reconnecting
 * (`retry`) asks for the next. So it is the same behind a function URL, which cannot hold a stream open for long. Without an id: what is
 * under way now.
 *
 * Events: `freeze`, in every answer; `migration`, as in lists; `partition`, from the change feed; `reset` where changes that the client has
 * not seen are no longer kept, so that it has to list the partitions again.
 */
export async function streamChanges(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const since = sinceOf(request.lastEventId);
	const nowMs = ports.clock.nowMs();
	const [freeze, { page, position }, ...pages] = await Promise.all([
		ports.metadata.readFreeze(),
		readFeed(ports, since?.position),
		...Object.values(MigrationState).map((state) => ports.migrations.list({ state, limit: LOOK_BACK })),
	]);
	const changed = pages
		.flatMap(({ migrations }) => migrations)
		.filter((record) => (since === undefined ? record.state === MigrationState.Running : changedAtMs(record) > since.atMs - OVERLAP_MS))
		.sort((a, b) => changedAtMs(a) - changedAtMs(b));
	const id = `${nowMs}-${position}`;
	const events = [
		eventOf("freeze", id, freeze),
		...partitionEvents(page, id),
		...changed.map((record) => eventOf("migration", id, summaryOf(record))),
	];
	return {
		status: 200,
		headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
		body: `retry: ${RETRY_MS}\n\n${events.join("")}`,
	};
}

/** What follows the position, and where the next look begins: at the feed's head for a client that has none. */
async function readFeed({ changes }: AdminPorts, after: number | undefined): Promise<{ page?: FeedPage; position: number }> {
	if (after === undefined) return { position: await changes.head() };
	const page = await changes.read({ after, limit: MOST_CHANGES });
	return { page, position: page.kind === "gone" ? await changes.head() : (page.entries.at(-1)?.position ?? after) };
}

function partitionEvents(page: FeedPage | undefined, id: string): readonly string[] {
	if (page === undefined) return [];
	if (page.kind === "gone") return [eventOf("reset", id, { reason: "changes.gone" })];
	return page.entries.filter(({ change }) => change.kind === "partition").map((entry) => eventOf("partition", id, shown(entry)));
}

/** The time of an earlier answer and the position it ended at; one that an older release gave has no position. */
function sinceOf(id: string | undefined): { readonly atMs: number; readonly position?: number } | undefined {
	if (id === undefined || id === "") return undefined;
	const [, atMs, position] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(id) ?? [];
	if (atMs === undefined) throw new AdminProblem(400, "request.invalid-query", "Last-Event-ID is not one that an earlier answer gave");
	return { atMs: Number(atMs), ...(position === undefined ? {} : { position: Number(position) }) };
}

/** When a migration was last seen to change: its end, its last stage, or its start. */
function changedAtMs({ endedAt, history, startedAt }: MigrationRecord): number {
	if (endedAt !== undefined) return Date.parse(endedAt);
	return history.at(-1)?.endedAtMs ?? Date.parse(startedAt);
}

const eventOf = (name: string, id: string, data: unknown): string => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
