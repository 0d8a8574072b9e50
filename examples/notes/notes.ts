import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";
import * as z from "zod";
import type { PartitionStore } from "#guard/index.ts";

const PATH = /^\/notes\/([A-Za-z0-9_-]{1,64})(?:\/([A-Za-z0-9_-]{1,64}))?$/;

const noteSchema = z.strictObject({ title: z.string().min(1).max(200), text: z.string().max(100_000) });

/** The partition of a path `/notes/{owner}` or `/notes/{owner}/{note}`; undefined for any other. */
export function ownerOf(path: string): string | undefined {
	const owner = PATH.exec(path)?.[1];
	return owner === undefined ? undefined : `notes:${owner}`;
}

/** The notes of one owner. @param store undefined where the path names nobody */
export async function answerNotes(
	event: LambdaFunctionURLEvent,
	store: PartitionStore | undefined,
): Promise<APIGatewayProxyStructuredResultV2> {
	const [, , note] = PATH.exec(event.rawPath) ?? [];
	if (store === undefined) return json(404, { error: "notes live at /notes/{owner}/{note}" });
	const { method } = event.requestContext.http;
	if (note === undefined) {
		if (method === "POST") return writeAll(store, event);
		return method === "GET" ? list(store, event) : json(405, { error: "GET lists notes, POST writes several" });
	}
	switch (method) {
		case "GET":
			return read(store, note);
		case "PUT":
			return write(store, note, event);
		case "DELETE":
			return json((await store.delete(keyOf(note))).kind === "deleted" ? 204 : 404, undefined);
		default:
			return json(405, { error: "a note takes GET, PUT and DELETE" });
	}
}

const keyOf = (note: string): string => `note/${note}`;

async function list(store: PartitionStore, { queryStringParameters }: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> {
	const cursor = queryStringParameters?.["cursor"];
	const page = await store.list({ prefix: "note/", ...(cursor !== undefined && { cursor }) });
	const notes = page.items.map(({ key }) => key.slice("note/".length));
	return json(200, { notes, ...(page.cursor !== undefined && { cursor: page.cursor }) });
}

async function read(store: PartitionStore, note: string): Promise<APIGatewayProxyStructuredResultV2> {
	const item = await store.get(keyOf(note));
	if (item === undefined) return json(404, { error: "there is no such note" });
	return { statusCode: 200, headers: { "content-type": item.contentType, etag: item.etag }, body: Buffer.from(item.body).toString("utf8") };
}

async function write(store: PartitionStore, note: string, event: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> {
	const parsed = noteSchema.safeParse(bodyOf(event));
	if (!parsed.success) return json(400, { error: z.prettifyError(parsed.error) });
	const { "if-match": ifMatch, "idempotency-key": idempotencyKey } = event.headers;
	const outcome = await store.put(keyOf(note), JSON.stringify(parsed.data), {
		contentType: "application/json",
		...(ifMatch !== undefined && { ifMatch }),
		...(idempotencyKey !== undefined && { idempotencyKey }),
	});
	if (outcome.kind === "precondition-failed") return json(412, { error: "the note has been changed since" });
	return { ...json(outcome.created ? 201 : 200, parsed.data), headers: { "content-type": "application/json", etag: outcome.etag } };
}

const notesSchema = z.record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), noteSchema).refine((notes) => {
	const count = Object.keys(notes).length;
	return count >= 1 && count <= 25;
}, "from 1 to 25 notes at once");

/** Several notes by name, in one batch: what became of each, by name. With an idempotency key the same import may be sent again. */
async function writeAll(store: PartitionStore, event: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> {
	const parsed = notesSchema.safeParse(bodyOf(event));
	if (!parsed.success) return json(400, { error: z.prettifyError(parsed.error) });
	const notes = Object.entries(parsed.data);
	const { "idempotency-key": idempotencyKey } = event.headers;
	const outcomes = await store.batch(
		notes.map(([note, content]) => ({ kind: "put", key: keyOf(note), body: JSON.stringify(content), contentType: "application/json" })),
		idempotencyKey === undefined ? {} : { idempotencyKey },
	);
	return json(207, Object.fromEntries(notes.map(([note], index) => [note, outcomes[index]?.kind ?? "failed"])));
}

function bodyOf({ body = "", isBase64Encoded }: LambdaFunctionURLEvent): unknown {
	try {
		return JSON.parse(Buffer.from(body, isBase64Encoded ? "base64" : "utf8").toString("utf8"));
	} catch {
		return undefined;
	}
}

const json = (statusCode: number, value: unknown): APIGatewayProxyStructuredResultV2 => ({
	statusCode,
	headers: { "content-type": "application/json" },
	body: value === undefined ? "" : JSON.stringify(value),
});
