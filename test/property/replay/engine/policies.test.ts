import { describe, expect, it } from "vitest";
import { LEAD_HOURS, WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { createModel } from "#predictor/models/registry.ts";
import { trainPool } from "#predictor/training/train-models.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { playOracle } from "#replay/engine/policies/oracle.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { DEFAULT_REACTIVE_RULE } from "#replay/engine/policies/reactive-grid.ts";
import { bestForEach, playStatic } from "#replay/engine/policies/static.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import type { Trace } from "#replay/engine/trace.ts";
import { createWorld, type ReplayWorld } from "#replay/engine/world.ts";
import type { ReplaySettings } from "#replay/result/replay-result.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { cheapestByTrying } from "#test/property/replay/engine/cheapest-by-trying.ts";
import { type Access, accesses, FIRST_HOUR, RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

/** What answered each cell, in words. */
class Journal implements Account {
	readonly served = new Map<number, string>();
	copies = 0;

	serve(cell: number, set: number, leader: number): void {
		this.served.set(cell, `${set}/${leader}`);
	}

	copied(_partition: number, _hour: number, copies: number): void {
		this.copies += copies;
	}

	transferred(): void {}
}

const worldOf = (list: readonly Access[], copies = 2): ReplayWorld => createWorld(traceOf(list), settingsOf({ copies }), RTT_MS);

const DAYS = 12;
const eager = {
	...PREDICTIVE_RULE,
	minZScore: 0,
	minRelativeSaving: 0,
	chargeShare: 0.01,
	transferShare: 0.01,
	moveShare: 0.001,
	excursionShare: 0.01,
};
const eagerReactive = { ...DEFAULT_REACTIVE_RULE, setMemoryHours: 24, setThreshold: 0.01, leaderMemoryHours: 6, leaderThreshold: 0 };

const trainedOn = (trace: Trace) =>
	createModel(trainPool(trace, { fromHour: FIRST_HOUR, toHour: FIRST_HOUR + (DAYS * 24) / 2 }, { windowsHours: WINDOWS_HOURS }).parameters);

const POLICIES = {
	reactive: (world: ReplayWorld, account: Account) => playReactive(world, eagerReactive, account),
	predictive: (world: ReplayWorld, account: Account, models = trainedOn(world.trace)) =>
		playPredictive(world, models, [{ rule: eager, account }]),
};

/** Words by hour and partition: cells have other numbers in another trace. */
function byHour({ trace }: ReplayWorld, journal: Journal): ReadonlyMap<string, string> {
	return new Map(
		[...journal.served].map(([cell, words]) => [
			`${(trace.cells.hour[cell] ?? 0) - FIRST_HOUR} ${trace.partitions[trace.cells.partition[cell] ?? 0]}`,
			words,
		]),
	);
}

describe.each([1, 2])("policies with %i copies", (copies) => {
	it.each(["reactive", "predictive"] as const)(
		"%s: no access changes how an earlier one, or one within the lead time, is answered",
		(name) => {
			const models = trainedOn(traceOf([{ hour: 0, partition: "a:x", region: 0, count: 1 }]));
			let moved = 0;
			fc.assert(
				fc.property(accesses(DAYS), fc.integer({ min: 30, max: DAYS * 24 - 30 }), fc.integer({ min: 0, max: 3 }), (list, hour, region) => {
					// the probe comes from a partition that is there already, and asks the same of both runs
					const probe = (from: number): readonly Access[] => [
						...list.filter((access) => access.hour < hour || access.hour > hour + LEAD_HOURS),
						{ hour: 0, partition: "a:x", region: 0, count: 1 },
						...Array.from({ length: LEAD_HOURS + 1 }, (_, step) => ({
							hour: hour + step,
							partition: "a:x",
							region: step === 0 ? from : 2,
							count: 50,
						})),
					];
					const [one, other] = [worldOf(probe(region), copies), worldOf(probe((region + 1) % 4), copies)];
					const journals = [one, other].map((world) => {
						const journal = new Journal();
						POLICIES[name](world, journal, models);
						moved += journal.copies;
						return byHour(world, journal);
					});
					for (const [key, words] of journals[0] ?? []) {
						if (Number(key.split(" ")[0]) <= hour + LEAD_HOURS) expect([key, journals[1]?.get(key)]).toEqual([key, words]);
					}
				}),
				{ numRuns: 25 },
			);
			// else nothing was put to the test
			expect(moved).toBeGreaterThan(0);
		},
	);
});

describe("oracle", () => {
	const costsOf = (list: readonly Access[], over: Partial<ReplaySettings>) => {
		const world = createWorld(traceOf(list), settingsOf({ scoreFrom: 0.3, ...over }), RTT_MS);
		const start = bestForEach(world);
		const [oracle, fixed] = [new CostAccount(world), new CostAccount(world)];
		playOracle(world, start, oracle);
		playStatic(world, start, fixed);
		return { oracle: oracle.costMs, fixed: fixed.costMs, least: cheapestByTrying(world, start) };
	};
	const charges = fc.record({ moveCostMs: fc.constantFrom(0, 20, 100), transferCostMs: fc.constantFrom(0, 1, 30, 150) });

	it.each([
		[1, 4, 60],
		[2, 2, 60],
		[3, 2, 30],
	])("with %i copies: is the cheapest sequence of places that charges, lead time and cool-down allow", (copies, days, numRuns) => {
		fc.assert(
			fc.property(accesses(days), charges, (list, settings) => {
				const { oracle, fixed, least } = costsOf(list, { copies, ...settings });
				expect(oracle).toBeLessThanOrEqual(fixed + 1e-9);
				expect(oracle).toBeCloseTo(least, 6);
			}),
			{ numRuns },
		);
	});
});
