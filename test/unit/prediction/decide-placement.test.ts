import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
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
