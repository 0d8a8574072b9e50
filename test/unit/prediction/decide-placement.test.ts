import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { moveActions } from "#domain/migration/request.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { Decision } from "#domain/placement/decision.ts";
import { type PlacementPolicyInput, placementPolicySchema, settingsOf } from "#domain/placement/policy.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { type DecidePlacementDeps, decidePlacement } from "#lambdas/predict-placement/decide-placement.ts";

const INPUT = { scheduledTime: "2024-03-04T05:06:00.000Z", throughHour: 475_000, forecasts: [{ forecast: 0, lists: [], seen: {} }] };

/** A run over fakes that notes what happens in which order; `slow` and `broken` are what takes long and what fails. */
async function decide({ slow, broken }: { readonly slow?: string; readonly broken?: string }) {
	const noted: string[] = [];
	const write = async (name: string): Promise<void> => {
		if (name === slow) for (let turn = 0; turn < 20; turn += 1) await nextTurn();
		if (name === broken) throw new Error(`${name} failed`);
		noted.push(name);
	};
	const store: Partial<PredictionStore> = {
		readLists: async () => [],
		readPartitions: async () => new Map(),
		readCalibration: async () => undefined,
		writeCalibration: () => write("calibration"),
		completeRun: async () => {
			noted.push("done");
			return true;
		},
	};
	const deps: Partial<DecidePlacementDeps> = {
		store: store as PredictionStore,
		metadata: {
			readManyAndFreeze: async () => ({ records: new Map(), freeze: { global: false, regions: [] } }),
			list: async () => ({ records: [] }),
		},
		decisions: { writeAll: () => write("decisions") } as unknown as DecidePlacementDeps["decisions"],
		regions: [regionId("eu-west-1")],
		rttMs: () => 0,
		settings: PLACEMENT_SETTINGS,
		policy: { maxCopies: 1 } as DecidePlacementDeps["policy"],
	};
	const outcome = await decidePlacement(deps as DecidePlacementDeps, INPUT).then(
		() => "decided",
		(error: Error) => error.message,
	);
	return { noted, outcome };
}

test.each(["decisions", "calibration"])(
	"a run's counts are done only when its %s have been written, however long that takes",
	async (slow) => {
		const { noted, outcome } = await decide({ slow });
		expect([outcome, noted.at(-1), noted.toSorted()]).toEqual(["decided", "done", ["calibration", "decisions", "done"]]);
	},
);

test.each(["decisions", "calibration"])("a run whose %s could not be written is not done", async (broken) => {
	const { noted, outcome } = await decide({ broken });
	expect(outcome).toBe(`${broken} failed`);
	expect(noted).not.toContain("done");
});

const [EUROPE, TOKYO] = ["eu-west-1", "ap-northeast-1"].map(regionId) as [RegionId, RegionId];
const ACME = partitionId("tenants:acme");

/** What a run moves of a partition whose week is Europe's and whose next nine hours are Tokyo's. */
async function movesWith(given: PlacementPolicyInput, leader = EUROPE, size?: { items: number; bytes: number }) {
	const policy = placementPolicySchema.parse({ holdoutShare: 0, ...given });
	const runHour = hourOf(Date.parse(INPUT.scheduledTime));
	const week = { windowHours: 168, regions: [EUROPE, TOKYO], probabilities: [0.6, 0.4], expectedAccesses: 100, effectiveCount: 500 };
	const hours = Array.from({ length: 24 }, (_, hour) => (hour < 9 ? [0, 2] : [2, 0]));
	const stored = {
		vectors: [{ partition: ACME, madeAtMs: 0, ...week }],
		outlook: { fromHour: runHour + 1, accesses: Float32Array.from(hours.flat()) },
	};
	const record = { partition: ACME, leader, followers: [], epoch: 4, phase: "active", buckets: 1, version: 1 };
	const decided: Decision[] = [];
	const read: string[] = [];
	const deps = {
		store: {
			readLists: async () => [ACME],
			readPartitions: async () => new Map([[ACME, stored]]),
			readCalibration: async () => undefined,
			writeCalibration: async () => {},
			completeRun: async () => true,
		},
		metadata: {
			readManyAndFreeze: async () => ({
				records: new Map([[ACME, { ...record, createdAtMs: 0, updatedAtMs: 0, leaderSinceMs: 0 }]]),
				freeze: { global: false, regions: [] },
			}),
			list: async () => ({ records: [] }),
		},
		decisions: { writeAll: async (all: readonly Decision[]) => void decided.push(...all) },
		states: {
			readSize: async () => {
				read.push("size");
				return size;
			},
		},
		regions: [EUROPE, TOKYO],
		controlRegion: EUROPE,
		rttMs: (from: RegionId, to: RegionId) => (from === to ? 1 : 220),
		settings: settingsOf(policy),
		policy,
	};
	const { moves } = await decidePlacement(deps as unknown as DecidePlacementDeps, INPUT);
	return { moves, reasons: decided.map(({ reason }) => reason), moveCostMs: decided.map(({ settings }) => settings.moveCostMs), read };
}

test("the only copy goes away for hours where the policy says so, and nowhere by default", async () => {
	expect(await movesWith({})).toMatchObject({ moves: [], reasons: ["already-best"] });
	const { moves, reasons } = await movesWith({ follow: "hours" });
	expect(reasons).toEqual(["excursion"]);
	expect(moves).toMatchObject([{ partition: ACME, epoch: 4, actions: moveActions(EUROPE, TOKYO) }]);
});

test("what is less certain to save than the policy asks for moves nothing", async () => {
	expect(await movesWith({}, TOKYO)).toMatchObject({ reasons: ["saving"], moves: [{ actions: moveActions(TOKYO, EUROPE) }] });
	expect(await movesWith({ minZScore: 6 }, TOKYO)).toMatchObject({ reasons: ["uncertain"], moves: [] });
});

test("a move is charged what the partition's own bytes cost, where the policy says what a ms is worth", async () => {
	const [small, large] = [
		{ items: 10, bytes: 10_000 },
		{ items: 10_000_000, bytes: 10e9 },
	];
	const free = await movesWith({}, TOKYO, large);
	expect(free).toMatchObject({ reasons: ["saving"], moveCostMs: [100], read: [] });
	const cheap = await movesWith({ usdPerMillionMs: 10 }, TOKYO, small);
	expect(cheap).toMatchObject({ reasons: ["saving"], moves: [{ actions: moveActions(TOKYO, EUROPE) }] });
	const dear = await movesWith({ usdPerMillionMs: 10 }, TOKYO, large);
	expect(dear).toMatchObject({ reasons: ["not-worth-moving"], moves: [] });
	for (const { moveCostMs, read } of [cheap, dear]) {
		expect(moveCostMs[0]).toBeGreaterThan(100);
		expect(read).toEqual(["size"]);
	}
	const forNothing = {
		asOf: "2026-11-01",
		prices: { writeUnit: { everywhere: 0 }, readUnit: { everywhere: 0 }, transferGb: { everywhere: 0 } },
	};
	expect(await movesWith({ usdPerMillionMs: 10, prices: forNothing }, TOKYO, large)).toMatchObject({ reasons: ["saving"] });
	// one that was never measured counts as a mebibyte
	const unknown = await movesWith({ usdPerMillionMs: 10 }, TOKYO);
	expect(unknown.moveCostMs).toEqual((await movesWith({ usdPerMillionMs: 10 }, TOKYO, { items: 1024, bytes: 2 ** 20 })).moveCostMs);
});

test("a run that may begin no move says that the budget kept the copy", async () => {
	expect(await movesWith({ follow: "hours", movesPerRun: 0 })).toMatchObject({ moves: [], reasons: ["budget"] });
});
