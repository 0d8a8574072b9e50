import { describe, expect, it } from "vitest";
import { isPartitionId } from "#domain/partition/partition-id.ts";
import fc from "#test/__helpers__/fast-check.ts";

/** As the data API's document states it. */
const NAME = /^[A-Za-z0-9._~:-]{1,128}$/;
const legal = fc.string({ unit: fc.constantFrom(..."azAZ09._~:-"), maxLength: 130 });

describe("a partition's name", () => {
	it("is one exactly where the data API says so, whatever stands where in it", () => {
		const text = fc.oneof(
			legal,
			fc.tuple(legal, fc.string({ unit: "binary", maxLength: 2 }), legal).map((parts) => parts.join("")),
		);
		fc.assert(
			fc.property(text, (name) => {
				expect(isPartitionId(name)).toBe(NAME.test(name));
			}),
			{ numRuns: 2000 },
		);
	});
});
