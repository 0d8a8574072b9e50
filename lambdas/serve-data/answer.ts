import { parseWeakTags, tagsInclude } from "#domain/partition/etag.ts";
import type { Fence } from "#domain/partition/fence.ts";
import type { SettledWrite } from "#domain/partition/item.ts";
import { etagOf } from "#domain/partition/version.ts";
import type { Page } from "#domain/ports/regional-store.ts";
import type { Found, LedWrite, ListEntry } from "#lambdas/serve-data/item-actions.ts";
import { PROBLEMS, type ProblemCode, ProblemError, problemBody } from "#lambdas/serve-data/problem.ts";

/** An answer of the data API before it becomes a function URL result. Header names in lower case. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: Uint8Array;
}

/** 200, 304 or 404 for a read. @throws ProblemError `item.not-found` */
export function answerRead({ item }: Found, ifNoneMatch: string | undefined): Answer {
	if (item === undefined) throw new ProblemError("item.not-found");
	const etag = etagOf(item.version);
	// A read compares weakly (RFC 9110 section 13.1.2).
	const known = ifNoneMatch !== undefined && tagsInclude(parseWeakTags(ifNoneMatch), item.version);
	// caches take over what a 304 says of the item, its type too
	const headers = { etag, "content-type": item.contentType };
	return known ? { status: 304, headers } : { status: 200, headers, body: item.body };
}

/** Marks the answer that the same request with the same idempotency key has had before. */
const REPLAYED = { "idempotent-replayed": "true" };

/** 201, 200 or 204 for a write. @throws ProblemError `item.not-found`, `precondition.failed` or `idempotency.key-reused` */
export function answerWrite(outcome: LedWrite, kind: "put" | "delete"): Answer {
	if (outcome.kind === "key-reused") throw new ProblemError("idempotency.key-reused");
	if (outcome.kind !== "repeated") return answerSettled(outcome, kind, {});
	const answer = answerSettled(outcome.outcome, kind, REPLAYED);
	return { ...answer, headers: { ...answer.headers, ...REPLAYED } };
}

function answerSettled(outcome: SettledWrite, kind: "put" | "delete", mark: Answer["headers"]): Answer {
	switch (outcome.kind) {
		case "written":
			if (kind === "delete") return { status: 204, headers: {} };
			return { status: outcome.created ? 201 : 200, headers: { etag: etagOf(outcome.version) } };
		case "not-found":
			throw new ProblemError("item.not-found", undefined, { headers: mark });
		case "precondition-failed": {
			const headers = outcome.current === undefined ? {} : { etag: etagOf(outcome.current) };
			throw new ProblemError("precondition.failed", undefined, { headers: { ...headers, ...mark } });
		}
	}
}

/** @param cursorFor the text that goes on behind a key */
export function answerList(page: Page<ListEntry>, cursorFor: (after: string) => string): Answer {
	const items = page.entries.map(({ key, version, sizeBytes }) => ({ key, etag: etagOf(version), size: sizeBytes }));
	return jsonAnswer(200, { items, ...(page.next !== undefined && { cursor: cursorFor(page.next) }) });
}

export const jsonAnswer = (status: number, value: unknown, contentType = "application/json"): Answer => ({
	status,
	headers: { "content-type": contentType },
	body: Buffer.from(JSON.stringify(value)),
});

/** Seconds a client should wait after a 503: a handover takes about one. */
const RETRY_AFTER_SECONDS = "1";

/** `application/problem+json`; a 503 bears Retry-After. */
export function answerProblem(
	code: ProblemCode,
	detail: string,
	requestId: string,
	headers: Readonly<Record<string, string>> = {},
): Answer {
	const { status } = PROBLEMS[code];
	const answer = jsonAnswer(status, problemBody(code, detail, requestId), "application/problem+json");
	const retry = status === 503 ? { "retry-after": RETRY_AFTER_SECONDS } : {};
	return { ...answer, headers: { ...headers, ...answer.headers, ...retry } };
}

/** What every answer says of who served it: the region, its epoch and the replica set, leader first. */
export const servedBy = (fence: Fence): Readonly<Record<string, string>> => ({
	"x-heliotrope-region": fence.leader,
	"x-heliotrope-epoch": String(fence.epoch),
	"x-heliotrope-replicas": [fence.leader, ...fence.peers.filter((peer) => peer !== fence.leader)].join(","),
});
