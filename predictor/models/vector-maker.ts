import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import type { SegmentCounts } from "#predictor/features/segment-columns.ts";
import type { Calibrator } from "#predictor/models/calibration.ts";
import type { ExpertColumns } from "#predictor/models/expert-columns.ts";
import { jointOfSegments } from "#predictor/models/joint.ts";
import type { Model } from "#predictor/models/model.ts";
import { interval80 } from "#predictor/models/negative-binomial.ts";
import { expectedVolume, VOLUME_FEATURES, volumeFeatures } from "#predictor/models/volume.ts";
import { VolumeIntervals } from "#predictor/models/volume-intervals.ts";

/** Makes vectors of the partition that the experts have selected. Keeps its scratch space. */
export class VectorMaker {
	readonly #model: Model;
	readonly #experts: ExpertColumns;
	readonly #request: Pick<ForecastRequest, "madeAtMs" | "regions">;
	readonly #calibrators: ReadonlyMap<number, Calibrator>;
	readonly #intervals: ReadonlyMap<number, VolumeIntervals>;
	readonly #shares: Float64Array;
	readonly #features = new Float64Array(VOLUME_FEATURES);

	constructor(
		model: Model,
		experts: ExpertColumns,
		request: Pick<ForecastRequest, "madeAtMs" | "regions" | "windowHours" | "calibration">,
	) {
		this.#model = model;
		this.#experts = experts;
		this.#request = request;
		this.#shares = new Float64Array(request.regions.length);
		this.#calibrators = new Map(request.windowHours.map((hours) => [hours, model.calibrator(hours).since(request.calibration?.[hours])]));
		this.#intervals = new Map(request.windowHours.map((hours) => [hours, new VolumeIntervals(request.calibration?.[hours]?.volumes)]));
	}

	/** @param segments decayed counts as of the partition's latest access */
	make(partition: PartitionId, windowHours: number, segments: ReadonlyMap<string, SegmentCounts> | undefined): PredictionVector {
		const { amounts, hour } = this.#experts;
		const { madeAtMs, regions } = this.#request;
		const activity = this.#experts.tilt(hour + LEAD_HOURS, windowHours);
		this.#model.mix(this.#experts, windowHours, this.#shares);
		const confidence = this.#calibrators.get(windowHours)?.adjust(this.#shares);
		volumeFeatures(amounts, activity, this.#features);
		const { weights, dispersion } = this.#model.volume(windowHours);
		const expectedAccesses = expectedVolume(weights, this.#features);
		const own = interval80(expectedAccesses, dispersion);
		const probabilities = [...this.#shares];
		return {
			partition,
			madeAtMs,
			windowHours,
			regions,
			probabilities,
			...(segments === undefined ? {} : { joint: jointOfSegments(probabilities, segments, this.#experts, windowHours) }),
			expectedAccesses,
			accessesInterval: this.#intervals.get(windowHours)?.adjust(expectedAccesses, own) ?? own,
			effectiveCount: amounts.n60d,
			...(confidence === undefined ? {} : { confidence }),
		};
	}
}
