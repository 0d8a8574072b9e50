import * as z from "zod";
import { type EventDeclaration, type ExternalEvent, eventDeclarationSchema } from "#domain/prediction/external/event.ts";
import { hash64 } from "#domain/ring/hash.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters, Route } from "#lambdas/administer/router.ts";

/** Every run of the forecast reads all of them. */
const MAX_EVENTS = 500;
const SLUG_LENGTH = 40;

const listQuery = z.strictObject({ past: z.stringbool().default(false) });

/** `POST events`: declares one. Declaring the same again answers what is there. */
async function declareEvent(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const declared = parseBody(request, eventDeclarationSchema);
	checkRegions(ports, declared);
	if (Date.parse(declared.end) <= ports.clock.nowMs())
		throw new AdminProblem(422, "event.over", `it ended at ${declared.end}; an event that is over cannot change a forecast`);
	const event = { eventId: eventIdOf(declared), ...declared };
	const known = await ports.events.read(event.eventId);
	if (known !== undefined) return repeated(known, event);
	if ((await ports.events.list()).length >= MAX_EVENTS)
		throw new AdminProblem(409, "event.too-many", `there are ${MAX_EVENTS} events; delete some that are over`);
	await ports.events.write(event);
	return answer(201, event);
}

function repeated(known: ExternalEvent, event: ExternalEvent): AdminResponse {
	if (canonical(known) === canonical(event)) return answer(200, known);
	throw new AdminProblem(
		409,
		"event.exists",
		`${known.eventId} has the same name, start and end, but says something else; delete it first`,
	);
}

const canonical = (event: ExternalEvent): string =>
	JSON.stringify([event.lift, event.partitions, event.segments].map((part) => (isRecord(part) ? Object.entries(part).sort() : part)));
const isRecord = (part: unknown): part is Record<string, unknown> => typeof part === "object" && part !== null && !Array.isArray(part);

async function listEvents(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { past } = parseQuery(request, listQuery);
	const nowMs = ports.clock.nowMs();
	const events = (await ports.events.list()).filter(({ end }) => past || Date.parse(end) > nowMs);
	return answer(200, { events: events.map((event) => ({ ...event, state: stateOf(event, nowMs) })) });
}

const stateOf = ({ start, end }: ExternalEvent, nowMs: number): "declared" | "under-way" | "over" =>
	Date.parse(end) <= nowMs ? "over" : Date.parse(start) <= nowMs ? "under-way" : "declared";

async function deleteEvent(ports: AdminPorts, _request: AdminRequest, { eventId = "" }: PathParameters): Promise<AdminResponse> {
	if (!(await ports.events.remove(eventId)))
		throw new AdminProblem(404, "event.unknown", `there is no event ${JSON.stringify(eventId.slice(0, 200))}`);
	return answer(200, { eventId, deleted: true });
}

function checkRegions({ regions: deployed }: AdminPorts, { lift }: EventDeclaration): void {
	const unknown = Object.keys(lift).filter((region) => !deployed.some((id) => id === region));
	if (unknown.length > 0) throw new AdminProblem(422, "region.unknown", `lift: ${unknown.join(", ")} is no region of this deployment`);
}

/** Readable, and the same whenever the same event is declared. */
function eventIdOf({ name, start, end }: EventDeclaration): string {
	const slug = name
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, "-")
		.replaceAll(/^-|-$/g, "")
		.slice(0, SLUG_LENGTH);
	const id = hash64(`${name}|${Date.parse(start)}|${Date.parse(end)}`).toString(36);
	return slug === "" ? id : `${slug}-${id}`;
}

/** Declared events: what forecasts should know from outside. */
export const EVENT_ROUTES: readonly Route[] = [
	{ method: "POST", pattern: "events", handle: declareEvent },
	{ method: "GET", pattern: "events", handle: listEvents },
	{ method: "DELETE", pattern: "events/:eventId", handle: deleteEvent },
];
