import type { RegionId } from "#domain/geography/region-id.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { GlobalState, HourCount, ParentState, PartitionState } from "#domain/prediction/feature-state.ts";
import type { GlobalFeatures, PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import { parentKey, parentOf } from "#domain/prediction/parent.ts";
import { globalAsParent, globalFeatures, parentFeatures, partitionFeatures } from "#predictor/features/build-features.ts";
import { applyToPartition, dominantSegment } from "#predictor/features/partition-state.ts";
import { applyToGlobal, applyToParent } from "#predictor/features/shared-state.ts";

/** What was known at the beginning of a window, and what happened in it. */
export interface LabelledWindow {
	readonly windowHours: number;
	readonly features: PartitionFeatures;
	readonly global: GlobalFeatures;
	/** Accesses in the window, in the order of the regions; at least one in all. */
	readonly outcome: readonly number[];
}

export interface WindowOptions {
	readonly regions: readonly RegionId[];
	/** Every window is a multiple of the shortest. */
	readonly windowsHours: readonly number[];
	/** Windows begin at `fromHour` and every window length after it, and end by `toHour`. */
	readonly fromHour: number;
	readonly toHour: number;
}

/**
 * The windows of a log between two hours, with the features that the deployed forecast would have had: the same functions, fed with the
 * accesses before. Only partitions with an access in a window have it.
 *
 * @param counts ascending by hour
 */
export function* labelledWindows(counts: readonly HourCount[], options: WindowOptions): Generator<LabelledWindow> {
	const { windowsHours, fromHour, toHour } = options;
	const step = Math.min(...windowsHours);
	const past = new Past(options.regions);
	let known = 0;
	for (let hour = fromHour; hour + step <= toHour; hour += step) {
		const fresh = counts.slice(known, firstAt(counts, hour, known));
		known += fresh.length;
		past.learn(fresh, hour - 1);
		for (const windowHours of windowsHours) {
			if ((hour - fromHour) % windowHours !== 0 || hour + windowHours > toHour) continue;
			yield* past.windows(counts.slice(known, firstAt(counts, hour + windowHours, known)), hour, windowHours);
		}
	}
}

/** Index of the first count at or after `hour`. */
function firstAt(counts: readonly HourCount[], hour: number, from: number): number {
	let [low, high] = [from, counts.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((counts[middle]?.hour ?? 0) < hour) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** Everything that has happened, as the states that the deployed forecast keeps. */
class Past {
	readonly #regions: readonly RegionId[];
	readonly #partitions = new Map<string, PartitionState>();
	readonly #parents = new Map<string, ParentState>();
	#global: GlobalState | undefined;

	constructor(regions: readonly RegionId[]) {
		this.#regions = regions;
	}

	learn(counts: readonly HourCount[], throughHour: number): void {
		if (counts.length === 0) return;
		for (const [partition, own] of groupBy(counts, ({ partition }) => partition)) {
			const next = applyToPartition(this.#partitions.get(partition), own, throughHour);
			if (next !== undefined) this.#partitions.set(partition, next);
		}
		for (const [key, own] of groupBy(counts, ({ partition, segment }) => parentKey(parentOf(partition, segment)) ?? "")) {
			const next = key === "" ? undefined : applyToParent(this.#parents.get(key), own, throughHour);
			if (next !== undefined) this.#parents.set(key, next);
		}
		this.#global = applyToGlobal(this.#global, counts, throughHour);
	}

	*windows(inside: readonly HourCount[], hour: number, windowHours: number): Generator<LabelledWindow> {
		if (inside.length === 0) return;
		const global = globalFeatures(this.#global, hour, this.#regions, [windowHours]);
		for (const [name, own] of groupBy(inside, ({ partition }) => partition)) {
			const outcome = this.#regions.map((region) => own.reduce((sum, count) => sum + (count.region === region ? count.count : 0), 0));
			if (!outcome.some((accesses) => accesses > 0)) continue;
			yield { windowHours, features: this.#featuresOf(partitionId(name), own, global, hour), global, outcome };
		}
	}

	/** A partition without a past has the parent that its first access gives it. */
	#featuresOf(partition: PartitionId, inside: readonly HourCount[], global: GlobalFeatures, hour: number): PartitionFeatures {
		const state = this.#partitions.get(partition);
		const key = parentKey(parentOf(partition, dominantSegment(state) ?? inside[0]?.segment));
		const parent = key === undefined ? globalAsParent(global) : parentFeatures(this.#parents.get(key), hour, this.#regions);
		return partitionFeatures(partition, state, parent, hour, this.#regions);
	}
}

function groupBy(counts: readonly HourCount[], keyOf: (count: HourCount) => string): ReadonlyMap<string, HourCount[]> {
	const groups = new Map<string, HourCount[]>();
	for (const count of counts) {
		const key = keyOf(count);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [count]);
		else group.push(count);
	}
	return groups;
}
