import { Consistency } from "#domain/partition/consistency.ts";
import { type Call, requestIdOf, valueIn } from "#simulation/check/history.ts";
import { ABSENT } from "#simulation/check/linearizability.ts";
import type { PlainRequest } from "#simulation/data-plane/function-url-event.ts";
import type { PlainAnswer } from "#simulation/data-plane/region-front.ts";
import { OperationKind, type PlannedClient, type PlannedOperation } from "#simulation/scenario.ts";
import { PARTITION, type World } from "#simulation/world/world.ts";

/** How long an operation waits for a stage that does not come. */
const MAX_WAIT_MS = 30_000;

/** One client: sends its operations one after the other through its edge and writes down what it is told. */
export class Client {
	readonly #world: World;
	readonly #index: number;
	readonly #plan: PlannedClient;
	/** The tag last seen of each key. */
	readonly #tags = new Map<string, string>();
	/** What the session has seen. */
	#token: string | undefined;

	constructor(world: World, index: number, plan: PlannedClient) {
		this.#world = world;
		this.#index = index;
		this.#plan = plan;
	}

	async run(): Promise<void> {
		const { time, signals } = this.#world;
		for (const operation of this.#plan.operations) {
			if (operation.stage !== undefined) await Promise.race([signals.next(operation.stage), time.sleep(MAX_WAIT_MS)]);
			await time.sleep(operation.gapMs);
			await this.#perform(operation);
		}
	}

	async #perform(operation: PlannedOperation): Promise<void> {
		const { history, trace, edges } = this.#world;
		const ifMatch = operation.kind === OperationKind.Replace ? this.#tags.get(operation.key) : undefined;
		const start = history.next();
		const answer = await edges[this.#plan.near]?.send(`client-${this.#index}`, this.#request(operation, ifMatch));
		const end = history.next();
		if (answer !== undefined) this.#check(operation, answer);
		const asked = { client: this.#index, operation, start, end, ...(ifMatch !== undefined && { ifMatch }) };
		const calls = operation.parts === undefined ? [this.#understand(asked, answer)] : this.#understandBatch(asked, operation.parts, answer);
		history.calls.push(...calls);
		for (const call of calls) trace(() => describe(call, answer));
	}

	/** Each part stands for itself, at some time while the batch was under way. */
	#understandBatch(asked: Omit<Call, "consistency">, parts: readonly PlannedOperation[], answer: PlainAnswer | undefined): readonly Call[] {
		const token = answer?.headers["x-heliotrope-session"];
		const outcomes = answer?.status === 207 ? outcomesIn(answer) : undefined;
		const calls = parts.map((operation, index): Call => {
			const outcome = outcomes?.[index];
			const alone =
				answer === undefined || outcome === undefined
					? undefined
					: {
							status: outcome.status,
							headers: { ...answer.headers, ...(outcome.etag !== undefined && { etag: outcome.etag }) },
							body: Buffer.from(outcome.body ?? "", "base64"),
						};
			// The leader carries a batch out, reads included.
			return { ...this.#understand({ ...asked, operation }, alone), consistency: Consistency.Linearizable };
		});
		this.#token = token ?? this.#token;
		return calls;
	}

	#request(operation: PlannedOperation, ifMatch: string | undefined): PlainRequest {
		const request = requestOf(operation, ifMatch);
		const { consistency } = this.#plan;
		if (consistency === Consistency.Linearizable) return request;
		const session = this.#token === undefined ? {} : { "x-heliotrope-session": this.#token };
		return { ...request, headers: { ...request.headers, ...session, "x-heliotrope-consistency": consistency } };
	}

	#check({ id, kind }: PlannedOperation, { status, headers, body }: PlainAnswer): void {
		const known = (kind === OperationKind.Batch ? [207, 503] : [200, 201, 204, 404, 412, 503]).includes(status);
		if (!known) this.#world.failed(`${kind} #${id} was answered ${status}: ${Buffer.from(body).toString("utf8").slice(0, 300)}`);
		if (status === 503 && headers["retry-after"] === undefined) this.#world.failed(`${kind} #${id}: a 503 without Retry-After`);
	}

	/** What the answer says of keys; without an answer, or with a 5xx, nothing. */
	#understand(call: Omit<Call, "consistency">, answer: PlainAnswer | undefined): Call {
		const { operation, ifMatch } = call;
		// A write under a tag depends on the value behind the tag, answered or not.
		const expected = ifMatch === undefined ? undefined : this.#world.history.valueOf(operation.key, ifMatch);
		const { consistency } = this.#plan;
		const base = expected === undefined ? { ...call, consistency } : { ...call, consistency, seen: expected };
		if (answer === undefined || answer.status >= 500) return base;
		const { status, headers, body } = answer;
		const servedBy = headers["x-heliotrope-region"];
		const tag = headers["etag"];
		const epoch = headers["x-heliotrope-epoch"];
		const by = { ...(servedBy !== undefined && { servedBy }), ...(Number(epoch ?? 0) > 0 && { epoch: Number(epoch) }) };
		const told = { ...base, status, ...by, ...(tag !== undefined && { tag }) };
		this.#token = headers["x-heliotrope-session"] ?? this.#token;
		if (tag !== undefined && operation.kind !== OperationKind.List) this.#tags.set(operation.key, tag);
		if (operation.kind === OperationKind.Get) return { ...told, seen: status === 200 ? valueIn(body) : ABSENT };
		if (operation.kind === OperationKind.List) return { ...told, ...(status === 200 && this.#listed(body)) };
		return told;
	}

	/** The value of every key that any operation is about, as a complete list tells it; undefined of a page that goes on. */
	#listed(body: Uint8Array): Pick<Call, "listed" | "tags"> {
		const { items, cursor } = JSON.parse(Buffer.from(body).toString("utf8")) as {
			items: readonly { readonly key: string; readonly etag: string }[];
			cursor?: string;
		};
		if (cursor !== undefined) return {};
		const { scenario, history } = this.#world;
		const keys = new Set(scenario.clients.flatMap(({ operations }) => operations.flatMap(keysOf)));
		const listed = new Map([...keys].map((key) => [key, ABSENT]));
		for (const { key, etag } of items) listed.set(key, history.valueOf(key, etag) ?? Number.NaN);
		return { listed, tags: new Map(items.map(({ key, etag }) => [key, etag])) };
	}
}

/** Every key that an operation is about. */
export const keysOf = ({ key, parts = [] }: PlannedOperation): readonly string[] => [key, ...parts.map((part) => part.key)];

interface BatchOutcome {
	readonly status: number;
	readonly etag?: string;
	/** base64 */
	readonly body?: string;
}

const outcomesIn = ({ body }: PlainAnswer): readonly BatchOutcome[] =>
	(JSON.parse(Buffer.from(body).toString("utf8")) as { readonly outcomes: readonly BatchOutcome[] }).outcomes;

const BASE = `/v1/partitions/${encodeURIComponent(PARTITION)}`;
const ITEMS = `${BASE}/items`;

function requestOf(operation: PlannedOperation, ifMatch: string | undefined): PlainRequest {
	const target = operation.kind === OperationKind.List ? `${ITEMS}?limit=1000` : `${ITEMS}/${encodeURIComponent(operation.key)}`;
	const headers: Record<string, string> = { "x-heliotrope-request-id": requestIdOf(operation.id) };
	switch (operation.kind) {
		case OperationKind.Get:
		case OperationKind.List:
			return { method: "GET", target, headers, body: "" };
		case OperationKind.Delete:
			return { method: "DELETE", target, headers, body: "" };
		case OperationKind.Create:
			return { method: "PUT", target, headers: { ...headers, "if-none-match": "*" }, body: String(operation.id) };
		case OperationKind.Replace:
			return {
				method: "PUT",
				target,
				headers: { ...headers, ...(ifMatch !== undefined && { "if-match": ifMatch }) },
				body: String(operation.id),
			};
		case OperationKind.Put:
			return { method: "PUT", target, headers, body: String(operation.id) };
		case OperationKind.Batch: {
			const operations = (operation.parts ?? []).map(entryOf);
			return { method: "POST", target: `${BASE}/batch`, headers, body: JSON.stringify({ operations }) };
		}
	}
}

function entryOf({ kind, key, id }: PlannedOperation) {
	if (kind === OperationKind.Get) return { method: "GET", key };
	return kind === OperationKind.Delete ? { method: "DELETE", key } : { method: "PUT", key, body: String(id) };
}

function describe(call: Call, answer: PlainAnswer | undefined): string {
	const { operation, client, seen, listed, start } = call;
	const what = operation.kind === OperationKind.List ? "list" : `${operation.kind} ${operation.key}`;
	const told = answer === undefined ? "no answer" : `${answer.status} from ${answer.headers["x-heliotrope-region"] ?? "?"}`;
	const values = listed === undefined ? (seen === undefined ? "" : ` value ${seen}`) : ` ${JSON.stringify([...listed])}`;
	return `client ${client}: ${what} #${operation.id} (called at ${start}): ${told}${values} ${answer?.headers["etag"] ?? ""}`;
}
