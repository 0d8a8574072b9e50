import { LEAD_HOURS, OUTLOOK_HOURS, OUTLOOK_SHORT_HOURS, WEEK_WINDOW_HOURS } from "#domain/prediction/settings.ts";
import type { ExpertColumns } from "#predictor/models/expert-columns.ts";
import type { Model } from "#predictor/models/model.ts";
import { expectedVolume, VOLUME_FEATURES, volumeFeatures } from "#predictor/models/volume.ts";

/** The least activity that an hour is taken to have. */
const LEAST_ACTIVITY = 0.05;

/** Accesses by region in each of the coming hours, for the partition that the experts have selected. Keeps its scratch space. */
export class OutlookMaker {
	readonly #model: Model;
	readonly #experts: ExpertColumns;
	readonly #shares: Float64Array;
	readonly #features = new Float64Array(VOLUME_FEATURES);
	readonly #volumes = new Float64Array(OUTLOOK_HOURS);

	/** @param model has a window of six hours and one of a week */
	constructor(model: Model, experts: ExpertColumns) {
		this.#model = model;
		this.#experts = experts;
		this.#shares = new Float64Array(experts.share60d.length);
	}

	/**
	 * Writes the accesses expected in each of `OUTLOOK_HOURS` hours from the one in which a decision of now takes effect: hour after hour, in an
	 * hour a number a region.
	 *
	 * @param least where fewer accesses are expected in the first six hours, nothing is written
	 * @returns the accesses expected in the first six hours
	 */
	fill(out: Float32Array, at: number, least: number): number {
		const begin = this.#experts.hour + LEAD_HOURS;
		const expected = this.#rates(begin);
		if (expected < least) return expected;
		const regions = this.#shares.length;
		this.#model.mixHours(this.#experts, OUTLOOK_SHORT_HOURS, begin, OUTLOOK_HOURS, this.#shares, (hour) => {
			for (let region = 0; region < regions; region += 1)
				out[at + hour * regions + region] = (this.#volumes[hour] ?? 0) * (this.#shares[region] ?? 0);
		});
		return expected;
	}

	/** Fills the accesses of each hour: the short window's number first, then the week's, both shaped by how active the hours are. */
	#rates(begin: number): number {
		const { amounts } = this.#experts;
		let inShort = 0;
		for (let hour = 0; hour < OUTLOOK_HOURS; hour += 1) {
			const activity = Math.max(LEAST_ACTIVITY, this.#experts.activityIn(begin + hour));
			this.#volumes[hour] = activity;
			if (hour < OUTLOOK_SHORT_HOURS) inShort += activity;
		}
		volumeFeatures(amounts, inShort / OUTLOOK_SHORT_HOURS, this.#features);
		const expected = expectedVolume(this.#model.volume(OUTLOOK_SHORT_HOURS).weights, this.#features);
		volumeFeatures(amounts, 1, this.#features);
		const later = expectedVolume(this.#model.volume(WEEK_WINDOW_HOURS).weights, this.#features) / WEEK_WINDOW_HOURS;
		for (let hour = 0; hour < OUTLOOK_HOURS; hour += 1)
			this.#volumes[hour] = (this.#volumes[hour] ?? 0) * (hour < OUTLOOK_SHORT_HOURS ? expected / inShort : later);
		return expected;
	}
}
