import { LEAD_HOURS } from "#domain/prediction/settings.ts";
import { type AccessHistory, lowerBound } from "#predictor/features/history.ts";
import type { TrainingSpan } from "#predictor/training/collect-windows.ts";
import { strideFor } from "#predictor/training/upcoming.ts";

const NEVER = -1;
/** Partitions that are accessed at once in a log of middling size. */
const ACTIVE_AT_ONCE = 200;

/**
 * Which windows of partitions that were accessed lately, with accesses or without, are looked at: every partition every so many hours, and where there are very
 * many partitions one in so many, other ones each time.
 */
export class ActiveSample {
	/** Ascending: the hours at which windows are forecast. */
	readonly hours: readonly number[];
	readonly #activeHours: number;
	/** One partition in so many. */
	readonly #every: number;

	/** @param wanted windows that are enough; at most about twice as many are taken */
	constructor(history: AccessHistory, windowHours: number, activeHours: number, { fromHour, toHour }: TrainingSpan, wanted: number) {
		const stride = strideFor((toHour - fromHour) * Math.min(history.partitions.length, ACTIVE_AT_ONCE), wanted);
		const hours: number[] = [];
		for (let hour = fromHour; hour + LEAD_HOURS + windowHours <= toHour; hour += stride) hours.push(hour);
		this.hours = hours;
		this.#activeHours = activeHours;
		this.#every = Math.max(1, Math.ceil(countActive(history, hours, activeHours) / (2 * wanted)));
	}

	/** The partitions that are looked at at `hours[index]`. @param lastHour by partition, that of its last access; -1 where there was none */
	partitionsAt(index: number, lastHour: Int32Array): readonly number[] {
		const hour = this.hours[index] ?? 0;
		const found: number[] = [];
		for (let partition = index % this.#every; partition < lastHour.length; partition += this.#every)
			if (isActive(lastHour[partition] ?? NEVER, hour, this.#activeHours)) found.push(partition);
		return found;
	}
}

const isActive = (lastHour: number, hour: number, activeHours: number): boolean => lastHour !== NEVER && hour - lastHour <= activeHours;

/** Partitions accessed in the `activeHours` before each of the hours, summed over these. */
function countActive({ cells, partitions }: AccessHistory, hours: readonly number[], activeHours: number): number {
	const lastHour = new Int32Array(partitions.length).fill(NEVER);
	let cell = 0;
	let active = 0;
	for (const hour of hours) {
		const end = lowerBound(cells.hour, hour);
		for (; cell < end; cell += 1) lastHour[cells.partition[cell] ?? 0] = cells.hour[cell] ?? 0;
		for (const last of lastHour) if (isActive(last, hour, activeHours)) active += 1;
	}
	return active;
}
