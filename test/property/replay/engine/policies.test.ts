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
import fc from "#test/__helpers__/fast-check.ts";
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
	it("is never dearer than staying, nor than any other sequence of places", () => {
		fc.assert(
			fc.property(accesses(4), fc.constantFrom(1, 2), fc.constantFrom(0, 20, 100), (list, copies, moveCostMs) => {
				const world = createWorld(traceOf(list), settingsOf({ copies, moveCostMs, scoreFrom: 0.3 }), RTT_MS);
				const start = bestForEach(world);
				const [oracle, fixed] = [new CostAccount(world), new CostAccount(world)];
				playOracle(world, start, oracle);
				playStatic(world, start, fixed);
				expect(oracle.costMs).toBeLessThanOrEqual(fixed.costMs + 1e-9);
				if (copies === 1) expect(oracle.costMs).toBeCloseTo(cheapestByTrying(world, start.leader), 6);
			}),
			{ numRuns: 60 },
		);
	});
});

/** One copy: the cheapest sequence by trying every region in every hour, forwards; written without looking at the oracle. */
function cheapestByTrying({ trace, settings, scoredFromHour, initial }: ReplayWorld, start: Uint8Array): number {
	const { cells } = trace;
	let total = 0;
	let volume = 0;
	for (let partition = 0; partition < trace.partitions.length; partition += 1) {
		const own = [...cells.partition.keys()].filter((cell) => cells.partition[cell] === partition);
		const firstHour = cells.hour[own[0] ?? 0] ?? 0;
		let costs = new Map([[start[partition] ?? initial.leader[partition] ?? 0, 0]]);
		for (const hour of new Set(own.map((cell) => cells.hour[cell] ?? 0))) {
			if (hour < scoredFromHour) continue;
			const next = new Map<number, number>();
			for (const [from, cost] of costs) {
				for (let to = 0; to < 4; to += 1) {
					if (to !== from && hour <= firstHour + LEAD_HOURS) continue;
					const served = own
						.filter((cell) => cells.hour[cell] === hour)
						.reduce((ms, cell) => ms + (cells.count[cell] ?? 0) * (RTT_MS[(cells.region[cell] ?? 0) * 4 + to] ?? 0), 0);
					const all = cost + (to === from ? 0 : settings.moveCostMs) + served;
					next.set(to, Math.min(next.get(to) ?? Number.POSITIVE_INFINITY, all));
				}
			}
			costs = next;
		}
		total += Math.min(...costs.values());
		volume += own.filter((cell) => (cells.hour[cell] ?? 0) >= scoredFromHour).reduce((sum, cell) => sum + (cells.count[cell] ?? 0), 0);
	}
	return total / volume;
}
