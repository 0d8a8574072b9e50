import { describe, expect, it } from "vitest";
import fc from "#test/__helpers__/fast-check.ts";
import { findViolation, type RegisterOperation } from "#test/e2e/chaos/register-history.ts";

/** What one client does at its turn: a write of a fresh value, a delete, a read, or a compare-and-set. */
const step = fc.record({
	kind: fc.constantFrom("write", "delete", "read", "swap"),
	/** How far the operation reaches around the instant of its effect. */
	before: fc.nat(30),
	after: fc.nat(30),
	/** Whether the outcome was never told; for those, whether there was an effect at all. */
	unknown: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
	happened: fc.boolean(),
});

/** A history that a real register has produced: every operation takes effect at an instant of its own, within its interval. */
const history = fc.array(step, { minLength: 1, maxLength: 30 }).map((steps) => {
	let value: string | undefined;
	return steps.map(({ kind, before, after, unknown, happened }, n): RegisterOperation => {
		const at = (n + 1) * 10;
		const interval = { start: at - before + n / 100, end: unknown && kind !== "read" ? Number.POSITIVE_INFINITY : at + after + n / 100 };
		const seen = { kind: "is", value } as const;
		if (kind === "read") return { label: `read ${value}`, ...interval, requires: seen };
		const writes = { value: kind === "delete" ? undefined : `v${n}` };
		if (!unknown || happened) value = writes.value;
		return { label: `${kind} ${writes.value}`, ...interval, requires: kind === "swap" ? seen : { kind: "anything" }, writes };
	});
});

describe("the checker of register histories", () => {
	it("accepts whatever a register has done", () => {
		fc.assert(fc.property(history, (operations) => findViolation(operations) === undefined));
	});

	it("refuses a last read that an acknowledged write contradicts", () => {
		const contradicted = history.filter((operations) => operations.every(({ end }) => Number.isFinite(end)));
		fc.assert(
			fc.property(contradicted, (operations) => {
				const last = Math.max(...operations.map(({ end }) => end));
				const write = { label: "write", start: last + 1, end: last + 2, requires: { kind: "anything" }, writes: { value: "new" } } as const;
				const read = { label: "read", start: last + 3, end: last + 4, requires: { kind: "is", value: "old" } } as const;
				return findViolation([...operations, write, read]) === read;
			}),
		);
	});

	it("finds a stale read, a lost write and an effect that comes twice", () => {
		const write = (value: string, start: number, end: number): RegisterOperation => ({
			label: `write ${value}`,
			start,
			end,
			requires: { kind: "anything" },
			writes: { value },
		});
		const read = (value: string | undefined, start: number, end: number): RegisterOperation => ({
			label: `read ${value}`,
			start,
			end,
			requires: { kind: "is", value },
		});
		expect(findViolation([write("a", 1, 2), write("b", 3, 4), read("a", 5, 6)])?.start).toBe(5);
		expect(findViolation([write("a", 1, 2), read(undefined, 3, 4)])?.start).toBe(3);
		expect(findViolation([write("a", 1, Number.POSITIVE_INFINITY), read("a", 2, 3), write("b", 4, 5), read("a", 6, 7)])?.start).toBe(6);
		expect(findViolation([write("a", 1, Number.POSITIVE_INFINITY), write("b", 4, 5), read("b", 6, 7), read("a", 8, 9)])).toBeUndefined();
	});
});
