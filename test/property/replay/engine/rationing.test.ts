import { describe, expect, it } from "vitest";
import { SetTable } from "#domain/placement/sets/set-table.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { createModel } from "#predictor/models/registry.ts";
import { trainPool } from "#predictor/training/train-models.ts";
import type { Account } from "#replay/engine/accounting/account.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import { Rationing } from "#replay/engine/predictive/rationing.ts";
import { createWorld } from "#replay/engine/world.ts";
import type { ReplaySettings } from "#replay/result/replay-result.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { type Access, accesses, FIRST_HOUR, REGIONS, RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

const PARTITIONS = 6;
const HOURS = 8;
const capacity = (copies: number) => Object.fromEntries(REGIONS.map((region) => [region, copies]));

describe("rationing", () => {
	it("lets no region hold more than it may, and no hour copy more, whatever is wished", () => {
		const wish = fc.record({ partition: fc.nat(PARTITIONS - 1), set: fc.nat(5), gainMs: fc.integer({ min: 1, max: 999 }) });
		const hours = fc.array(fc.array(wish, { maxLength: 10 }), { minLength: HOURS, maxLength: HOURS });
		let [granted, refused] = [0, 0];
		fc.assert(
			fc.property(hours, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }), (wishes, copies, copiesPerHour) => {
				const table = new SetTable(REGIONS.length, 2, RTT_MS);
				const rationing = new Rationing(table, settingsOf({ capacity: capacity(copies), copiesPerHour }));
				const sets = new Int32Array(PARTITIONS);
				for (const set of sets) rationing.appear(set);
				for (const hour of wishes) {
					const before = heldOf(table, sets);
					let copied = 0;
					for (let partition = 0; partition < PARTITIONS; partition += 1) {
						const own = hour.filter((one) => one.partition === partition && one.set !== sets[partition]);
						if (own.length > 0) rationing.wish(partition, sets[partition] ?? 0, own);
					}
					rationing.grant((partition, set) => {
						copied += table.added(sets[partition] ?? 0, set);
						sets[partition] = set;
					});
					granted += copied;
					refused += hour.length;
					expect(copied).toBeLessThanOrEqual(copiesPerHour);
					heldOf(table, sets).forEach((held, region) => {
						expect(held).toBeLessThanOrEqual(Math.max(copies, before[region] ?? 0));
					});
				}
			}),
			{ numRuns: 40 },
		);
		// else nothing was put to the test
		expect(granted).toBeGreaterThan(20);
		expect(refused).toBeGreaterThan(granted);
	});

	it.each([1, 2])(
		"changes nothing with %i copies where there is room for everything, and keeps all at home where there is none",
		(copies) => {
			const eager = { ...PREDICTIVE_RULE, minZScore: 0, minRelativeSaving: 0, chargeShare: 0.01, moveShare: 0.001 };
			const models = createModel(
				trainPool(
					traceOf([{ hour: 0, partition: "a:x", region: 0, count: 1 }]),
					{
						fromHour: FIRST_HOUR,
						toHour: FIRST_HOUR + 100,
					},
					{ windowsHours: WINDOWS_HOURS },
				).parameters,
			);
			let moved = 0;
			const play = (list: readonly Access[], over: Partial<ReplaySettings>): readonly string[] => {
				const said: string[] = [];
				const account: Account = {
					serve: (cell, set, leader) => said.push(`${cell} ${set} ${leader}`),
					copied: (partition, hour, made) => said.push(`copied ${partition} ${hour} ${made}`),
					transferred: () => undefined,
				};
				playPredictive(createWorld(traceOf(list), settingsOf({ copies, ...over }), RTT_MS), models, [{ rule: eager, account }]);
				moved += said.filter((line) => line.startsWith("copied")).length;
				return said.sort();
			};
			fc.assert(
				fc.property(accesses(8), (list) => {
					expect(play(list, { capacity: capacity(1_000), copiesPerHour: 1_000 })).toEqual(play(list, {}));
				}),
				{ numRuns: 5 },
			);
			expect(moved).toBeGreaterThan(0);
			moved = 0;
			fc.assert(
				fc.property(accesses(8), (list) => {
					play(list, { capacity: capacity(0) });
				}),
				{ numRuns: 5 },
			);
			expect(moved).toBe(0);
		},
	);
});

function heldOf(table: SetTable, sets: Int32Array): readonly number[] {
	return REGIONS.map((_, region) => sets.reduce((held, set) => held + (table.has(set, region) ? 1 : 0), 0));
}
