import { expect, it } from "vitest";
import { Consistency } from "#domain/partition/consistency.ts";
import type { Version } from "#domain/partition/version.ts";
import { type Call, History, requestIdOf } from "#simulation/check/history.ts";
import { ABSENT, findViolation } from "#simulation/check/linearizability.ts";
import { OperationKind } from "#simulation/scenario.ts";

const KEY = "a";
const WRITE = 5;
const OLD: Version = { epoch: 1, n: 1 };

/** What has happened so far, and the next events of it. */
class Events {
	readonly history = new History();

	/** A put is called. */
	call(): number {
		return this.history.next();
	}

	/** The old leader's store takes it. */
	take(): void {
		const item = { key: KEY, version: OLD, body: Buffer.from(String(WRITE)), contentType: "", deleted: false, writtenAtMs: 0 };
		this.history.written({ ...item, requestId: requestIdOf(WRITE) });
	}

	/** The old leader's answer to it. */
	answer(start: number): void {
		this.#called({ start, operation: { id: WRITE, kind: OperationKind.Put, key: KEY, gapMs: 0 }, status: 201, epoch: OLD.epoch });
	}

	read(seen: number, epoch: number): void {
		const operation = { id: 100 + this.history.calls.length, kind: OperationKind.Get, key: KEY, gapMs: 0 };
		this.#called({ start: this.history.next(), operation, status: seen === ABSENT ? 404 : 200, seen, epoch });
	}

	/** A follower is promoted that has the write, or not; the old leader may go on. */
	promote(hasIt: boolean): void {
		this.history.promoted(3, new Map(hasIt ? [[KEY, { version: OLD, value: WRITE }]] : []), true);
	}

	violation(): string | undefined {
		return findViolation(this.history.of(KEY), ABSENT)?.operation.label;
	}

	#called(call: Omit<Call, "client" | "consistency" | "end">): void {
		this.history.calls.push({ client: 0, consistency: Consistency.Linearizable, ...call, end: this.history.next() });
	}
}

it.each([true, false])("lets a value be read before a promotion, whose write is answered after it (inherited: %s)", (hasIt) => {
	const events = new Events();
	const start = events.call();
	events.take();
	events.read(WRITE, 1);
	events.promote(hasIt);
	events.answer(start);
	events.read(hasIt ? WRITE : ABSENT, 3);
	expect(events.violation()).toBeUndefined();
});

it("does not let a write that a promotion gave up be read from the new leader", () => {
	const events = new Events();
	const start = events.call();
	events.take();
	events.promote(false);
	events.answer(start);
	events.read(WRITE, 3);
	expect(events.violation()).toContain("get");
});

it("does not let a write be read that began at the old leader after the promotion", () => {
	const events = new Events();
	events.promote(false);
	const start = events.call();
	events.take();
	events.answer(start);
	events.read(WRITE, 3);
	expect(events.violation()).toContain("get");
});
