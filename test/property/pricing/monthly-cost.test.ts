import { describe, expect, it } from "vitest";
import { REGIONS } from "#domain/geography/regions.ts";
import { type MonthlyCost, type MonthlyLoad, monthlyCostUsd, Replication } from "#domain/pricing/monthly-cost.ts";
import fc from "#test/__helpers__/fast-check.ts";

const codes = REGIONS.map(({ id }) => id as string);
const quantity = fc.nat(1e9);

/** A leader and up to four followers for the whole month. */
const load = fc
	.record({
		regions: fc.uniqueArray(fc.constantFrom(...codes), { minLength: 1, maxLength: 5 }),
		storedBytes: quantity,
		itemBytes: fc.integer({ min: 1, max: 400_000 }),
		writesPerMonth: quantity,
		readsPerMonth: quantity,
		replication: fc.constantFrom(...Object.values(Replication)),
	})
	.map(
		({ regions, ...rest }): MonthlyLoad => ({
			...rest,
			copies: Object.fromEntries(regions.map((region) => [region, 1])),
			leads: { [regions[0] as string]: 1 },
		}),
	);

const PARTS = ["storageUsd", "writeUsd", "readUsd", "replicationUsd", "transferUsd"] as const;
const partsOf = (cost: MonthlyCost): number => PARTS.reduce((all, part) => all + cost[part], 0);

describe("monthlyCostUsd", () => {
	it("is the sum of its parts, finite and never negative", () => {
		fc.assert(
			fc.property(load, (one) => {
				const cost = monthlyCostUsd(one);
				for (const part of PARTS) expect(cost[part]).toBeGreaterThanOrEqual(0);
				expect(cost.usd).toBeCloseTo(partsOf(cost), 6);
				expect(Number.isFinite(cost.usd)).toBe(true);
			}),
		);
	});

	it("grows with every quantity and with every further copy", () => {
		fc.assert(
			fc.property(load, quantity, fc.constantFrom("storedBytes", "writesPerMonth", "readsPerMonth"), (one, more, field) => {
				const before = monthlyCostUsd(one).usd;
				expect(monthlyCostUsd({ ...one, [field]: (one[field as "storedBytes"] ?? 0) + more }).usd).toBeGreaterThanOrEqual(
					before * (1 - 1e-12),
				);
				const further = codes.find((code) => one.copies[code] === undefined) as string;
				expect(monthlyCostUsd({ ...one, copies: { ...one.copies, [further]: 1 } }).usd).toBeGreaterThanOrEqual(before * (1 - 1e-12));
			}),
		);
	});

	it("replicates and sends nothing where there is one copy, wherever it leads in turn", () => {
		const roaming = { copies: { "eu-west-1": 0.5, "us-east-1": 0.5 }, leads: { "eu-west-1": 0.5, "us-east-1": 0.5 } };
		const cost = monthlyCostUsd({ ...roaming, storedBytes: 1e9, writesPerMonth: 1e6, readsPerMonth: 1e6 });
		expect(cost).toMatchObject({ replicationUsd: 0, transferUsd: 0 });
		expect(cost.storageUsd).toBeCloseTo(0.5 * 0.25 + 0.5 * 0.375, 9);
	});

	it("counts a leader with a follower by hand", () => {
		const cost = monthlyCostUsd({
			copies: { "us-east-1": 1, "ap-northeast-1": 1 },
			leads: { "us-east-1": 1 },
			storedBytes: 10e9,
			itemBytes: 1000,
			writesPerMonth: 1e6,
			readsPerMonth: 10e6,
		});
		expect(cost.storageUsd).toBeCloseTo(10 * (0.25 + 0.285), 9);
		expect(cost.writeUsd).toBeCloseTo(0.625, 9);
		expect(cost.readUsd).toBeCloseTo(1.25, 9);
		// A checked put in a transaction: four units in Tokyo, and a read in Virginia
		expect(cost.replicationUsd).toBeCloseTo(4 * 0.715 + 0.125, 9);
		expect(cost.transferUsd).toBeCloseTo(0.02, 9);
		expect(cost.assumed).toEqual([]);
	});

	it("counts a global table by replicated write units in every region, its reads half", () => {
		const cost = monthlyCostUsd({
			copies: { "us-east-1": 1, "ap-northeast-2": 1 },
			leads: { "us-east-1": 1 },
			storedBytes: 0,
			writesPerMonth: 1e6,
			readsPerMonth: 1e6,
			replication: Replication.GlobalTable,
		});
		expect(cost.writeUsd + cost.replicationUsd).toBeCloseTo(0.625 + 0.68, 9);
		expect(cost.readUsd).toBeCloseTo(0.125 / 2, 9);
	});

	it("names what it had to assume", () => {
		const cost = monthlyCostUsd({
			copies: { "eu-west-1": 1 },
			leads: { "eu-west-1": 1 },
			storedBytes: 1e9,
			writesPerMonth: 1,
			readsPerMonth: 0,
		});
		expect(cost.assumed).toEqual(["storageGbMonth eu-west-1", "writeUnit eu-west-1"]);
	});

	it("charges what migrations moved to the sender", () => {
		const still = { copies: { "sa-east-1": 1 }, leads: { "sa-east-1": 1 }, storedBytes: 0, writesPerMonth: 0, readsPerMonth: 0 };
		expect(monthlyCostUsd({ ...still, movedBytes: { "sa-east-1": 2e9 } }).transferUsd).toBeCloseTo(2 * 0.138, 9);
	});
});
