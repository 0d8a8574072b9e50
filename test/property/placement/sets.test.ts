import { describe, expect, it } from "vitest";
import { SET_RULE, SetChooser } from "#domain/placement/sets/choose-set.ts";
import { LeaderPlanner } from "#domain/placement/sets/plan-leader.ts";
import { countBits, SetTable } from "#domain/placement/sets/set-table.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = 5;
const distances = fc
	.array(fc.integer({ min: 2, max: 300 }), { minLength: REGIONS * REGIONS, maxLength: REGIONS * REGIONS })
	.map((values) => Float64Array.from(values, (value, index) => (index % (REGIONS + 1) === 0 ? 1 : value)));
const demand = fc
	.array(fc.integer({ min: 0, max: 20 }), { minLength: REGIONS, maxLength: REGIONS })
	.map((values) => Float64Array.from(values))
	.filter((values) => values.some((value) => value > 0));

describe("SetTable", () => {
	it("holds every set once, with the distance to its nearest member", () => {
		fc.assert(
			fc.property(distances, fc.integer({ min: 1, max: REGIONS }), (rttMs, copies) => {
				const table = new SetTable(REGIONS, copies, rttMs);
				const seen = new Set<number>();
				for (let set = 0; set < table.size; set += 1) {
					const mask = table.masks[set] ?? 0;
					expect(countBits(mask)).toBe(copies);
					expect(table.indexOf(mask)).toBe(set);
					seen.add(mask);
					const members = [...table.members.subarray(set * copies, (set + 1) * copies)];
					for (let region = 0; region < REGIONS; region += 1) {
						expect(table.has(set, region)).toBe(members.includes(region));
						expect(table.nearMs[set * REGIONS + region]).toBe(Math.min(...members.map((member) => rttMs[region * REGIONS + member] ?? 0)));
					}
				}
				expect(seen.size).toBe(table.size);
			}),
			{ numRuns: 50 },
		);
	});

	it("counts the copies to make", () => {
		const table = new SetTable(4, 2, new Float64Array(16));
		expect(table.added(table.indexOf(0b0011), table.indexOf(0b1100))).toBe(2);
		expect(table.added(table.indexOf(0b0011), table.indexOf(0b0101))).toBe(1);
		expect(table.added(table.indexOf(0b0011), table.indexOf(0b0011))).toBe(0);
	});
});

describe("LeaderPlanner", () => {
	it("takes the first step of the cheapest sequence of leaders", () => {
		const hours = fc.integer({ min: 0, max: 4 });
		fc.assert(
			fc.property(
				distances,
				hours,
				fc.integer({ min: 0, max: 50 }),
				fc.infiniteStream(fc.integer({ min: 0, max: 60 })),
				(rttMs, count, charge, stream) => {
					const table = new SetTable(REGIONS, 3, rttMs);
					const next = (): number => stream.next().value ?? 0;
					const hourly = Float32Array.from({ length: Math.max(1, count) * REGIONS }, next);
					const afterwards = Float64Array.from({ length: REGIONS }, next);
					const set = 4;
					const members = [...table.members.subarray(set * 3, set * 3 + 3)];
					const present = members[next() % 3] ?? 0;
					const chosen = new LeaderPlanner(table).next(set, present, { values: afterwards, at: 0, times: 1 }, hourly, 0, count, charge);
					const costFrom = (hour: number, leader: number): number => {
						if (hour === count) return afterwards[leader] ?? 0;
						const here = hourly[hour * REGIONS + leader] ?? 0;
						return here + Math.min(...members.map((other) => costFrom(hour + 1, other) + (other === leader ? 0 : charge)));
					};
					const total = (leader: number): number => costFrom(0, leader) + (leader === present ? 0 : charge);
					const least = Math.min(...members.map(total));
					expect(total(chosen)).toBeCloseTo(least, 6);
					if (Math.abs(total(present) - least) < 1e-9) expect(chosen).toBe(present);
				},
			),
			{ numRuns: 300 },
		);
	});

	it("leaves a region that is no member", () => {
		const table = new SetTable(3, 2, new Float64Array(9));
		const chosen = new LeaderPlanner(table).next(
			table.indexOf(0b110),
			0,
			{ values: new Float64Array(3), at: 0, times: 1 },
			new Float32Array(3),
			0,
			1,
			100,
		);
		expect([1, 2]).toContain(chosen);
	});
});

describe("SetChooser", () => {
	const chooseWith = (rttMs: Float64Array, weights: Float64Array, present: number, rule = SET_RULE, accesses = 1e9) => {
		const table = new SetTable(REGIONS, 2, rttMs);
		const total = weights.reduce((sum, value) => sum + value, 0);
		const shares = weights.map((value) => value / total);
		const wanted = { shares, accesses, evidence: 1e12, readShare: 0.5, copyChargeMs: 100 };
		const chooser = new SetChooser(table);
		chooser.consider(wanted, rule);
		return { table, shares, chosen: chooser.choose(present, wanted, rule) };
	};
	const costOf = (table: SetTable, shares: Float64Array, set: number): number => {
		const near = table.nearCost(set, shares);
		const leaders = new Float64Array(REGIONS);
		table.leaderCosts(shares, leaders);
		return 0.5 * near + 0.5 * (0.5 * near + 0.5 * (leaders[table.bestLeader(set, leaders)] ?? 0));
	};

	it("finds the cheapest set where accesses are many and thresholds are none", () => {
		const free = { ...SET_RULE, minRelativeSaving: 0, minZScore: 0 };
		fc.assert(
			fc.property(distances, demand, (rttMs, weights) => {
				const { table, shares, chosen } = chooseWith(rttMs, weights, 0, free);
				const costs = Array.from({ length: table.size }, (_, set) => costOf(table, shares, set));
				expect(costOf(table, shares, chosen)).toBeCloseTo(Math.min(...costs), 4);
			}),
			{ numRuns: 100 },
		);
	});

	it("stays where too little is expected, and where the saving is small or uncertain", () => {
		const rttMs = Float64Array.from({ length: REGIONS * REGIONS }, (_, index) => (index % (REGIONS + 1) === 0 ? 1 : 100));
		const onlyLast = Float64Array.from([0, 0, 0, 0, 1]);
		expect(chooseWith(rttMs, onlyLast, 0).chosen).not.toBe(0);
		expect(chooseWith(rttMs, onlyLast, 0, SET_RULE, 0.2).chosen).toBe(0);
		expect(chooseWith(rttMs, onlyLast, 0, { ...SET_RULE, minRelativeSaving: 1 }).chosen).toBe(0);
		const even = Float64Array.from([1, 1, 1, 1, 1.2]);
		expect(chooseWith(rttMs, even, 0, { ...SET_RULE, minRelativeSaving: 0, minZScore: 1e9 }).chosen).toBe(0);
	});
});
