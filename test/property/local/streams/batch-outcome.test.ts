import { expect, test } from "vitest";
import { batchOutcome } from "#local/streams/batch-outcome.ts";
import fc from "#test/__helpers__/fast-check.ts";

const batch = fc
	.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 })
	.map((all) => all.toSorted((a, b) => a - b).map(String));
const failures = (identifiers: readonly (string | undefined)[]) =>
	({ ok: true, payload: { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) } }) as const;

test("the lowest failure of the batch counts, in whatever order failures are reported", () => {
	fc.assert(
		fc.property(batch, fc.infiniteStream(fc.nat()), (numbers, picks) => {
			const failed = [...picks.take(3)].map((pick) => numbers[pick % numbers.length] as string);
			const lowest = String(Math.min(...failed.map(Number)));
			expect(batchOutcome(failures(failed), numbers)).toEqual({ kind: "failed-from", sequenceNumber: lowest });
		}),
	);
});

test("a failure outside the batch, or without a name, fails all of it", () => {
	fc.assert(
		fc.property(batch, fc.constantFrom("0", "", undefined), (numbers, stranger) => {
			expect(batchOutcome(failures([numbers[0], stranger]), numbers)).toMatchObject({ kind: "failed" });
		}),
	);
});

test("no failures, no answer and an empty answer mean that all was taken; an error that nothing was", () => {
	for (const payload of [undefined, null, {}, { batchItemFailures: [] }])
		expect(batchOutcome({ ok: true, payload }, ["1"])).toEqual({ kind: "done" });
	expect(batchOutcome({ ok: false, errorType: "Boom", errorMessage: "no" }, ["1"])).toEqual({ kind: "failed", reason: "Boom: no" });
});
