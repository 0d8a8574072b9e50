import type { Calibrator } from "#predictor/models/calibration.ts";
import type { ExpertColumns } from "#predictor/models/expert-columns.ts";
import type { VolumeModel } from "#predictor/models/volume.ts";

/** One model: pure, from what the experts say to a distribution. Training, serving and replay use the same one. */
export interface Model {
	/** Horizons it can forecast, in hours; undefined means any. */
	readonly windowsHours: readonly number[] | undefined;
	/** Writes P(region) of the partition that the experts have selected, in the hours they are tilted to: at least 1e-4 each, sum 1. */
	mix(experts: ExpertColumns, windowHours: number, out: Float64Array): void;
	/** `mix` for each of the hours from `fromHour` on, with the weights of one window. `each` sees `out`. */
	mixHours(
		experts: ExpertColumns,
		windowHours: number,
		fromHour: number,
		hours: number,
		out: Float64Array,
		each: (index: number) => void,
	): void;
	volume(windowHours: number): VolumeModel;
	/** What training has seen of its calibration. */
	calibrator(windowHours: number): Calibrator;
}
