import * as z from "zod";
import { Calibrator } from "#predictor/models/calibration.ts";
import { FLOOR } from "#predictor/models/distribution.ts";
import { EXPERTS, type ExpertColumns } from "#predictor/models/expert-columns.ts";
import type { Model } from "#predictor/models/model.ts";
import { steadyVolume } from "#predictor/models/volume.ts";

/** The plainest baseline: the next accesses come from where the last few came from. */
export const persistenceArtefactSchema = z.strictObject({ model: z.literal("persistence"), version: z.literal(1) });

/** A baseline: the partition's own exponentially weighted shares, drawn towards its parent's. */
export const ewmaArtefactSchema = z.strictObject({
	model: z.literal("ewma"),
	version: z.literal(1),
	halfLife: z.enum(["1d", "14d", "60d", "365d"]),
});
export type EwmaArtefact = z.infer<typeof ewmaArtefactSchema>;

const rowOf = (name: (typeof EXPERTS)[number]) => (experts: ExpertColumns, regions: number) => {
	const at = EXPERTS.indexOf(name) * regions;
	return experts.forecasts.subarray(at, at + regions);
};
const HALF_LIVES = {
	"1d": rowOf("own1d"),
	"14d": rowOf("own14d"),
	"60d": ({ share60d }: ExpertColumns) => share60d,
	"365d": rowOf("own365d"),
};

export const createPersistence = (): Model => ofExpert(rowOf("recent"));
export const createEwma = ({ halfLife }: EwmaArtefact): Model => ofExpert(HALF_LIVES[halfLife]);

/** Forecasts every window alike, by one expert. */
function ofExpert(row: (experts: ExpertColumns, regions: number) => Float64Array): Model {
	const mix: Model["mix"] = (experts, _, out) => {
		const left = 1 - out.length * FLOOR;
		const forecast = row(experts, out.length);
		for (let region = 0; region < out.length; region += 1) out[region] = FLOOR + left * (forecast[region] ?? 0);
	};
	return {
		windowsHours: undefined,
		mix,
		mixHours(experts, windowHours, _, hours, out, each) {
			mix(experts, windowHours, out);
			for (let index = 0; index < hours; index += 1) each(index);
		},
		volume: steadyVolume,
		calibrator: () => new Calibrator(),
	};
}
