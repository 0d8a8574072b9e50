import { partitionId } from "#domain/partition/partition-id.ts";
import { applyExternalFactors } from "#domain/prediction/external/apply-external-factors.ts";
import type { RecordedEvent } from "#domain/prediction/external/event.ts";
import { eventFactors } from "#domain/prediction/external/factors-of.ts";
import { isOwnForecast } from "#domain/prediction/external/holiday-effect.ts";
import type { ExternalFactor } from "#domain/prediction/external/tilt.ts";
import { tiltOutlook } from "#domain/prediction/external/tilt-outlook.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { LEAD_HOURS, OUTLOOK_SHORT_HOURS } from "#domain/prediction/settings.ts";
import { HolidayWatch } from "#predictor/external/holiday-watch.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { normalise } from "#predictor/models/distribution.ts";
import { jointOfSegments } from "#predictor/models/joint.ts";
import type { HourWalk } from "#predictor/training/hour-walk.ts";

/** What forecasts on a history may know besides its accesses. Plain values. */
export interface OutsideSources {
	readonly events: readonly RecordedEvent[];
	/** Whether public holidays count, by what they were seen to do before. */
	readonly holidays: boolean;
}

export const NOTHING_OUTSIDE: OutsideSources = { events: [], holidays: false };

/** What a tilt did. */
interface Tilted {
	/** By how many times the accesses expected grow. */
	readonly growth: number;
	/** See `isOwnForecast`. */
	readonly isOwn: boolean;
}

/** What is known from outside at an hour of a history, and what it makes of forecasts: what a deployment makes of them. */
export class Outside {
	readonly #history: AccessHistory;
	readonly #events: readonly RecordedEvent[];
	readonly #holidays: HolidayWatch | undefined;
	#ofEvents: (partition: string) => readonly ExternalFactor[] = () => [];
	#ofHolidays: readonly ExternalFactor[] = [];
	#known = -1;
	#hour = 0;

	constructor(history: AccessHistory, { events, holidays }: OutsideSources) {
		this.#history = history;
		this.#events = events;
		this.#holidays = holidays ? new HolidayWatch(history) : undefined;
	}

	/** What was declared, and what has happened, before `hour` is known; not before that of the last call. */
	advance(hour: number): void {
		this.#hour = hour;
		this.#ofHolidays = this.#holidays?.advance(hour) ?? [];
		const known = this.#events.filter(({ declaredAt }) => declaredAt === undefined || Date.parse(declaredAt) <= hour * HOUR_MS);
		if (known.length === this.#known) return;
		this.#known = known.length;
		this.#ofEvents = eventFactors(known);
	}

	/** The factors on forecasts of a partition that are made in the hour of the last `advance`. */
	factorsOf(partition: number): readonly ExternalFactor[] {
		const ofEvents = this.#known > 0 ? this.#ofEvents(this.#history.partitions[partition] ?? "") : [];
		return ofEvents.length === 0 ? this.#ofHolidays : [...ofEvents, ...this.#ofHolidays];
	}

	/**
	 * Tilts a calibrated forecast of the partition that the experts have selected, in place.
	 *
	 * @returns undefined where nothing touches the window
	 */
	tiltShares(partition: number, windowHours: number, shares: Float64Array, walk: HourWalk): Tilted | undefined {
		const factors = this.factorsOf(partition);
		if (factors.length === 0) return undefined;
		const probabilities = [...shares];
		const joint = this.#jointOf(partition, factors, probabilities, windowHours, walk);
		const vector: PredictionVector = {
			partition: partitionId(this.#history.partitions[partition] ?? ""),
			madeAtMs: this.#hour * HOUR_MS,
			windowHours,
			regions: this.#history.regions,
			probabilities,
			...(joint === undefined ? {} : { joint }),
			expectedAccesses: 1,
			effectiveCount: 0,
		};
		const tilted = applyExternalFactors(vector, factors);
		if (tilted.tilts === undefined) return undefined;
		shares.set(tilted.probabilities);
		return { growth: tilted.expectedAccesses, isOwn: isOwnForecast(tilted.tilts) };
	}

	/** Tilts an outlook of a partition that was made in the hour of the last `advance`, in place. */
	tiltOutlook(partition: number, accesses: Float32Array, walk: HourWalk): void {
		const factors = this.factorsOf(partition);
		if (factors.length === 0) return;
		const { regions } = this.#history;
		const ofRegions = normalise(regions.map((_, region) => shortAccesses(accesses, regions.length, region)));
		const joint = this.#jointOf(partition, factors, ofRegions, OUTLOOK_SHORT_HOURS, walk);
		tiltOutlook({ fromHour: this.#hour + LEAD_HOURS, accesses }, regions, factors, joint);
	}

	/** What is expected of the segments of the partition that the experts have selected, where a factor names some and they are known. */
	#jointOf(
		partition: number,
		factors: readonly ExternalFactor[],
		probabilities: readonly number[],
		windowHours: number,
		{ columns, experts }: HourWalk,
	): Record<string, number[]> | undefined {
		if (factors.every((factor) => factor.segments === undefined)) return undefined;
		const segments = columns.own.segments.of(partition);
		return segments === undefined ? undefined : jointOfSegments(probabilities, segments, experts, windowHours);
	}
}

/** Accesses from a region in the first hours of an outlook. */
function shortAccesses(accesses: Float32Array, regions: number, region: number): number {
	let sum = 0;
	for (let hour = 0; hour < OUTLOOK_SHORT_HOURS; hour += 1) sum += accesses[hour * regions + region] ?? 0;
	return sum;
}
