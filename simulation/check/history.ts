import { Consistency } from "#domain/partition/consistency.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import { compareVersions, etagOf, type Version } from "#domain/partition/version.ts";
import { ABSENT, type Needs, type RegisterOperation } from "#simulation/check/linearizability.ts";
import type { PromotionMark } from "#simulation/check/promotion-mark.ts";
import { OperationKind, type PlannedOperation } from "#simulation/scenario.ts";

/** One operation of a client with what it was told. */
export interface Call {
	readonly client: number;
	/** What was asked of a read; a write is the leader's in every case. */
	readonly consistency: Consistency;
	readonly operation: PlannedOperation;
	/** The tag of an `If-Match`. */
	readonly ifMatch?: string;
	/** Position in the order of all calls and answers. */
	readonly start: number;
	readonly end: number;
	/** Undefined: no answer, or one that does not tell the outcome (5xx). */
	readonly status?: number;
	/** What a get returned; what a list said of every key. */
	readonly seen?: number;
	readonly listed?: ReadonlyMap<string, number>;
	/** The tag in the answer; a list's by key. */
	readonly tag?: string;
	readonly tags?: ReadonlyMap<string, string>;
	readonly servedBy?: string;
	/** Of the fence that the answer was given under. */
	readonly epoch?: number;
}

/** Everything that clients have done and been told, and what stores know of it that clients cannot. */
export class History {
	readonly calls: Call[] = [];
	readonly promotions: PromotionMark[] = [];
	/** Value by `<key> <tag>`. */
	readonly #values = new Map<string, number>();
	/** The version that an operation's write got, where it took effect. */
	readonly #applied = new Map<number, Version>();
	/** Tombstones' versions by key. */
	readonly #tombstones = new Map<string, Version[]>();
	#position = 0;

	next(): number {
		return ++this.#position;
	}

	/** The value behind a tag, as clients cannot know it but the check may. Undefined for a tag nobody has given out. */
	valueOf(key: string, tag: string): number | undefined {
		return this.#values.get(`${key} ${tag}`);
	}

	/** A store has taken a client's write. Returns whether this version of the key stands for something else already. */
	written(item: StoredItem): "new" | "known" | "repeated" {
		const id = `${item.key} ${etagOf(item.version)}`;
		const value = item.deleted ? ABSENT : valueIn(item.body);
		const known = this.#values.get(id);
		this.#values.set(id, value);
		const operation = operationOf(item.requestId);
		if (operation !== undefined) this.#applied.set(operation, item.version);
		if (item.deleted && known === undefined) this.#tombstones.set(item.key, [...(this.#tombstones.get(item.key) ?? []), item.version]);
		return known === undefined ? "new" : known === value ? "known" : "repeated";
	}

	/** The version that an operation wrote; undefined where it took no effect. */
	versionOf(operation: number): Version | undefined {
		return this.#applied.get(operation);
	}

	/** The first tombstone of a key that is not older than a version. */
	tombstoneFrom(key: string, version: Version): Version | undefined {
		const all = this.#tombstones.get(key) ?? [];
		return all.filter((one) => compareVersions(one, version) >= 0).sort(compareVersions)[0];
	}

	/** A follower was promoted and leads from now on. @param isOpen whether clients still reach an earlier leader, or writes may be lost */
	promoted(epoch: number, inherited: PromotionMark["inherited"], isOpen: boolean): void {
		const position = this.next();
		this.promotions.push({ epoch, position, staleFrom: isOpen ? position : Number.POSITIVE_INFINITY, inherited });
	}

	/** Clients reach a region again that was closed to them: it may not know yet that it was left behind. */
	reopened(): void {
		for (const mark of this.promotions) mark.staleFrom = Math.min(mark.staleFrom, this.#position);
	}

	/** Whether an answer came from a leader whom a promotion had left behind, at a time when that may be. */
	isStale({ epoch, end }: Pick<Call, "epoch" | "end">): boolean {
		return epoch !== undefined && this.promotions.some((mark) => epoch < mark.epoch && end > mark.staleFrom);
	}

	/**
	 * The history of one key, ready to be checked: a promotion sets it to what the new leader had. Of what an earlier leader answered after that
	 * nothing counts but a write that was called before: it may have been read until then.
	 */
	of(key: string): readonly RegisterOperation[] {
		const operations = this.calls.flatMap((call) => {
			const counted = registerOperations(call, key, this.#applied);
			return this.isStale(call) ? counted.flatMap((operation) => this.#untilPromotion(call, operation)) : counted;
		});
		const resets = this.promotions.map(({ epoch, position, inherited }): RegisterOperation => {
			const sets = inherited.get(key)?.value ?? ABSENT;
			return { label: `promotion at epoch ${epoch}`, start: position, end: position + 0.5, needs: "anything", sets };
		});
		return [...operations, ...resets];
	}

	#untilPromotion({ epoch = 0 }: Call, operation: RegisterOperation): readonly RegisterOperation[] {
		const mark = this.promotions.find((one) => epoch < one.epoch);
		if (mark === undefined || operation.sets === undefined || operation.start > mark.position) return [];
		return [{ ...operation, end: mark.position - 0.5, optional: true }];
	}
}

/** Bodies are numbers. */
export const valueIn = (body: Uint8Array | string): number =>
	Number(typeof body === "string" ? body : Buffer.from(body).toString("latin1"));

/** Request ids that tell which operation they belong to. */
export const requestIdOf = (operation: number): string => `operation-${operation}`;

/** A batch's parts have the ids that follow on its own, and requests `<id of the batch>.<index>`; behind `#` comes the data plane's mark of the content. */
function operationOf(requestId: string): number | undefined {
	if (!requestId.startsWith("operation-")) return undefined;
	const [asked = ""] = requestId.slice("operation-".length).split("#");
	const [id, index] = asked.split(".");
	return index === undefined ? Number(id) : Number(id) + 1 + Number(index);
}

function registerOperations(call: Call, key: string, applied: ReadonlyMap<number, unknown>): readonly RegisterOperation[] {
	const { operation, start, end, status } = call;
	const at = { label: `${operation.kind} #${operation.id} by client ${call.client}: ${status ?? "no answer"}`, start, end };
	const isRead = operation.kind === OperationKind.List || operation.kind === OperationKind.Get;
	if (isRead && call.consistency !== Consistency.Linearizable) return [];
	if (operation.kind === OperationKind.List) {
		const seen = call.listed?.get(key);
		return seen === undefined ? [] : [{ ...at, needs: { is: seen } }];
	}
	if (operation.key !== key) return [];
	if (operation.kind === OperationKind.Get) return call.seen === undefined ? [] : [{ ...at, needs: { is: call.seen } }];
	const sets = operation.kind === OperationKind.Delete ? ABSENT : operation.id;
	if (status === undefined) {
		// Of unknown outcome for the client; the stores know whether it ever took effect.
		return applied.has(operation.id) ? [{ ...at, end: Number.POSITIVE_INFINITY, needs: needsToApply(call), sets }] : [];
	}
	const looks = { ...at, needs: needsFor(call, status) };
	return [status < 300 ? { ...looks, sets } : looks];
}

/** What the value must have been for this answer to a write to be right. */
function needsFor(call: Call, status: number): Needs {
	const present: Needs = { isNot: ABSENT };
	const absent: Needs = { is: ABSENT };
	switch (status) {
		case 201:
			return absent;
		case 200:
			return call.seen === undefined ? present : { is: call.seen };
		case 204:
			return present;
		case 404:
			return absent;
		case 412:
			return call.seen === undefined ? present : { isNot: call.seen };
		default:
			return "anything";
	}
}

function needsToApply(call: Call): Needs {
	switch (call.operation.kind) {
		case OperationKind.Create:
			return { is: ABSENT };
		case OperationKind.Replace:
			return call.seen === undefined ? "anything" : { is: call.seen };
		case OperationKind.Delete:
			return { isNot: ABSENT };
		default:
			return "anything";
	}
}
