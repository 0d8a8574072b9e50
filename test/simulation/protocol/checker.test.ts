import { describe, expect, it } from "vitest";
import { ABSENT, findViolation, type Needs, type RegisterOperation } from "#simulation/check/linearizability.ts";
import fc from "#test/__helpers__/fast-check.ts";

const FOREVER = Number.POSITIVE_INFINITY;

/** Tries every order: right beyond doubt, and too slow for anything but tests. */
function hasOrder(left: readonly RegisterOperation[], value: number): boolean {
	if (left.every(({ end }) => end === FOREVER)) return true;
	const without = (one: RegisterOperation) => left.filter((other) => other !== one);
	if (left.some((operation) => operation.optional === true && hasOrder(without(operation), value))) return true;
	const firstEnd = Math.min(...left.map(({ end }) => end));
	return left.some((operation) => {
		if (operation.start > firstEnd || !meets(value, operation.needs)) return false;
		return hasOrder(without(operation), operation.sets ?? value);
	});
}
const meets = (value: number, needs: Needs): boolean =>
	needs === "anything" || ("is" in needs ? value === needs.is : value !== needs.isNot);

const value = fc.integer({ min: 0, max: 2 });
const needs: fc.Arbitrary<Needs> = fc.oneof(
	fc.constant("anything" as const),
	value.map((is) => ({ is })),
	value.map((isNot) => ({ isNot })),
);
const history = fc
	.array(
		fc.record({
			needs,
			sets: fc.option(value, { nil: undefined }),
			unknown: fc.integer({ min: 0, max: 4 }),
			optional: fc.integer({ min: 0, max: 4 }),
			start: fc.nat(40),
			length: fc.nat(12),
		}),
		{
			maxLength: 7,
		},
	)
	.map((all) =>
		all.map(({ sets, unknown, optional, start, length, needs: needed }, i): RegisterOperation => {
			// Distinct positions, as calls and answers have them.
			const from = start * 100 + i;
			const end = unknown === 0 ? FOREVER : (start + length) * 100 + 50 + i;
			const may = optional === 0 && { optional: true as const };
			return { label: String(i), start: from, end, needs: needed, ...may, ...(sets !== undefined && { sets }) };
		}),
	);

describe("the check of a register's history", () => {
	it("agrees with trying every order", () => {
		fc.assert(
			fc.property(history, value, (operations, initial) => {
				expect(findViolation(operations, initial) === undefined).toBe(hasOrder(operations, initial));
			}),
			{ numRuns: 3000 },
		);
	});

	it("names the answer that cannot be", () => {
		const write: RegisterOperation = { label: "write", start: 1, end: 2, needs: "anything", sets: 7 };
		const read: RegisterOperation = { label: "read", start: 3, end: 4, needs: { is: ABSENT } };
		expect(findViolation([write, read], ABSENT)).toEqual({ operation: read, possible: [7] });
		expect(findViolation([{ ...write, end: FOREVER }, read], ABSENT)).toBeUndefined();
	});
});
