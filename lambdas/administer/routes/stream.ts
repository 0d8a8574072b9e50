import { type MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import { summaryOf } from "#lambdas/administer/routes/migrations.ts";

/** After which a client asks again, in ms. */
const RETRY_MS = 3000;
/** Looks overlap by so much, because lists may lag: an event may come twice, with the same content. */
const OVERLAP_MS = 5000;
/** Newest migrations of each state that one answer looks at. */
const LOOK_BACK = 100;

/**
 * `GET stream`: server-sent events. An answer holds what has changed since `Last-Event-ID` and ends; the client's own reconnecting
 * (`retry`) asks for the next. So it is the same behind a function URL, which cannot hold a stream open for long. Without an id: what is
 * under way now.
 *
 * Events: `freeze`, in every answer, and `migration`, as in lists.
 */
export async function streamChanges(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const sinceMs = sinceOf(request.lastEventId);
	const nowMs = ports.clock.nowMs();
	const [freeze, ...pages] = await Promise.all([
		ports.metadata.readFreeze(),
		...Object.values(MigrationState).map((state) => ports.migrations.list({ state, limit: LOOK_BACK })),
	]);
	const changed = pages
		.flatMap(({ migrations }) => migrations)
		.filter((record) => (sinceMs === undefined ? record.state === MigrationState.Running : changedAtMs(record) > sinceMs - OVERLAP_MS))
		.sort((a, b) => changedAtMs(a) - changedAtMs(b));
	const events = [eventOf("freeze", nowMs, freeze), ...changed.map((record) => eventOf("migration", nowMs, summaryOf(record)))];
	return {
		status: 200,
		headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
		body: `retry: ${RETRY_MS}\n\n${events.join("")}`,
	};
}

function sinceOf(id: string | undefined): number | undefined {
	if (id === undefined || id === "") return undefined;
	if (/^\d{1,16}$/.test(id)) return Number(id);
	throw new AdminProblem(400, "request.invalid-query", "Last-Event-ID is not one that an earlier answer gave");
}

/** When a migration was last seen to change: its end, its last stage, or its start. */
function changedAtMs({ endedAt, history, startedAt }: MigrationRecord): number {
	if (endedAt !== undefined) return Date.parse(endedAt);
	return history.at(-1)?.endedAtMs ?? Date.parse(startedAt);
}

const eventOf = (name: string, id: number, data: unknown): string => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
