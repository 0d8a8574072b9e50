import * as z from "zod";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Exchange } from "#domain/partition-state/exchange.ts";
import { type PartitionWindow, partitionWindowSchema, withExchange } from "#domain/partition-state/window.ts";
import type { AccessRecord } from "#domain/prediction/access-record.ts";
import { hash64 } from "#domain/ring/hash.ts";

/** What one tumbling window has counted so far; passed from batch to batch as JSON. */
export const windowCountsSchema = z.strictObject({
	/** Sequence number of the first record, which names this window's part of the stream; absent before any. */
	firstSequence: z.string().optional(),
	/** Hashes of the request ids seen, base 36. */
	seen: z.array(z.string()),
	/** `hour|partition|region|segment` -> accesses. */
	counts: z.record(z.string(), z.int().min(1)),
	/** Reason -> records that are no access. */
	skipped: z.record(z.string(), z.int().min(1)),
	/** Partition -> how it was served. */
	states: z.record(z.string(), partitionWindowSchema).optional(),
	/** `viewer's region|serving region` -> requests. */
	pairs: z.record(z.string(), z.int().min(1)).optional(),
});
export type WindowCounts = z.infer<typeof windowCountsSchema>;

export const EMPTY_WINDOW: WindowCounts = { seen: [], counts: {}, skipped: {} };

/** Counts the accesses of one window, each request once, whatever order or repetition they come in. */
export class WindowCounter {
	readonly #seen: Set<string>;
	readonly #counts: Map<string, number>;
	readonly #skipped: Map<string, number>;
	readonly #states: Map<string, PartitionWindow>;
	readonly #pairs: Map<string, number>;
	#firstSequence: string | undefined;

	constructor(from: WindowCounts) {
		this.#seen = new Set(from.seen);
		this.#counts = new Map(Object.entries(from.counts));
		this.#skipped = new Map(Object.entries(from.skipped));
		this.#states = new Map(Object.entries(from.states ?? {}));
		this.#pairs = new Map(Object.entries(from.pairs ?? {}));
		this.#firstSequence = from.firstSequence;
	}

	saw(sequence: string): void {
		this.#firstSequence ??= sequence;
	}

	/** Whether this is the first record of a request. Asked once a record, and before anything of it is counted. */
	isFirst(requestId: string): boolean {
		const id = hash64(requestId).toString(36);
		if (this.#seen.has(id)) return false;
		this.#seen.add(id);
		return true;
	}

	add(access: AccessRecord): void {
		increment(this.#counts, countKey(access));
	}

	/** @param viewer where the viewer is, where that is known */
	addExchange(exchange: Exchange, viewer: string | undefined): void {
		this.#states.set(exchange.partition, withExchange(this.#states.get(exchange.partition), exchange, viewer));
		if (viewer !== undefined) increment(this.#pairs, `${viewer}|${exchange.served}`);
	}

	skip(reason: string): void {
		increment(this.#skipped, reason);
	}

	state(): WindowCounts {
		return {
			...(this.#firstSequence === undefined ? {} : { firstSequence: this.#firstSequence }),
			seen: [...this.#seen],
			counts: Object.fromEntries(this.#counts),
			skipped: Object.fromEntries(this.#skipped),
			states: Object.fromEntries(this.#states),
			pairs: Object.fromEntries(this.#pairs),
		};
	}
}

/** One total of a window, in a fixed order however the window was filled. */
export interface WindowTotal {
	readonly hour: number;
	readonly partition: string;
	readonly region: string;
	readonly segment: string;
	readonly count: number;
}

export function totalsOf(window: WindowCounts): readonly WindowTotal[] {
	const keys = Object.keys(window.counts).sort();
	return keys.map((key) => {
		const [hour = "", partition = "", region = "", ...segment] = key.split("|");
		return { hour: Number(hour), partition, region, segment: segment.join("|"), count: window.counts[key] ?? 0 };
	});
}

/** How far viewers were from who served them. */
export interface Nearness {
	/** Requests whose viewer's region is known. */
	readonly served: number;
	/** Those served in the viewer's own region, the nearest one. */
	readonly near: number;
	/** Round-trip time that they took less than if the control region served everybody, in ms, summed; negative where it took more. */
	readonly savedMs: number;
}

/** @param rttMs between two regions */
export function nearnessOf({ pairs = {} }: WindowCounts, controlRegion: string, rttMs: (from: string, to: string) => number): Nearness {
	return Object.entries(pairs).reduce(
		(sum, [pair, requests]) => {
			const [viewer = "", serving = ""] = pair.split("|");
			return {
				served: sum.served + requests,
				near: sum.near + (viewer === serving ? requests : 0),
				savedMs: sum.savedMs + requests * (rttMs(viewer, controlRegion) - rttMs(viewer, serving)),
			};
		},
		{ served: 0, near: 0, savedMs: 0 },
	);
}

/** How each partition was served in a window. */
export const statesOf = ({ states = {} }: WindowCounts): ReadonlyMap<PartitionId, PartitionWindow> =>
	new Map(Object.entries(states) as [PartitionId, PartitionWindow][]);

const countKey = (access: AccessRecord): string => `${access.hour}|${access.partition}|${access.region}|${access.segment}`;
const increment = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
