import { isDeepStrictEqual } from "node:util";
import type { ApiAnswer, ApiClient } from "#conformance/http-client.ts";

/** What a case works with. */
export interface Api {
	readonly send: ApiClient;
	/** `/v1/partitions/{partition}`, of a partition that belongs to this run. */
	readonly base: string;
	/** A key that no other case uses, percent-encoded. */
	readonly key: (name: string) => string;
}

/** One promise of the API. */
export interface Case {
	/** The request or header of api.md that it is about. */
	readonly about: string;
	readonly says: string;
	readonly run: (api: Api) => Promise<void>;
}

/** A promise that was not kept. */
export class NotKept extends Error {
	override name = "NotKept";
}

/** @throws NotKept */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
	if (!isDeepStrictEqual(actual, expected)) throw new NotKept(`${what} is ${show(actual)}, expected ${show(expected)}`);
}

/** Checks the status, and what every answer of the API bears. @throws NotKept */
export function expectStatus(answer: ApiAnswer, ...statuses: readonly number[]): ApiAnswer {
	if (!statuses.includes(answer.status))
		throw new NotKept(`status is ${answer.status} ${show(answer.json["code"] ?? "")}, expected ${statuses.join(" or ")}`);
	for (const name of ["x-heliotrope-request-id", "x-heliotrope-region", "x-heliotrope-epoch"]) {
		if ((answer.headers[name] ?? "") === "") throw new NotKept(`there is no ${name}`);
	}
	return answer;
}

/** A problem as RFC 9457 has it, with its code. @throws NotKept */
export function expectProblem(answer: ApiAnswer, status: number, code: string): ApiAnswer {
	expectStatus(answer, status);
	expectEqual("content-type", answer.headers["content-type"], "application/problem+json");
	expectEqual("code", answer.json["code"], code);
	expectEqual("status in the body", answer.json["status"], status);
	expectEqual("type", answer.json["type"], `urn:heliotrope:problem:${code}`);
	expectEqual("request id in the body", answer.json["requestId"], answer.headers["x-heliotrope-request-id"]);
	if (typeof answer.json["title"] !== "string") throw new NotKept("the problem has no title");
	return answer;
}

/** Who served, and at which epoch. @throws NotKept */
export function expectServed({ headers }: ApiAnswer): void {
	if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(headers["x-heliotrope-region"] ?? "")) throw new NotKept("x-heliotrope-region names no region");
	if (!/^[1-9]\d*$/.test(headers["x-heliotrope-epoch"] ?? "")) throw new NotKept("x-heliotrope-epoch is no epoch");
}

/** The entity tag of an answer. @throws NotKept when it has none */
export function etagOf({ headers }: ApiAnswer): string {
	const { etag } = headers;
	if (etag === undefined || !/^"[^"]+"$/.test(etag)) throw new NotKept(`ETag is ${show(etag)}, expected a strong entity tag`);
	return etag;
}

const show = (value: unknown): string => (JSON.stringify(value) ?? "undefined").slice(0, 200);
