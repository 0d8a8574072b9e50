/** Why a row of a log could not be used. */
export const SkipReason = {
	BadRow: "bad-row",
	LineTooLong: "line-too-long",
	BadTime: "bad-time",
	/** A number of micro- or nanoseconds since the Unix epoch; seconds and milliseconds are read. */
	UnknownTimeUnit: "time-in-us-or-ns",
	OutOfRange: "out-of-range",
	OutOfOrder: "out-of-order",
	NoPartition: "no-partition",
	PartitionTooLong: "partition-too-long",
	NoGeography: "no-geography",
	UnknownCountry: "unknown-country",
	UnknownRegion: "unknown-region",
	AmbiguousTz: "ambiguous-tz",
	BadCoordinates: "bad-coordinates",
	BadTz: "bad-tz",
	BadCount: "bad-count",
	BadOp: "bad-op",
	BadBytes: "bad-bytes",
	SegmentTooLong: "segment-too-long",
	/** CloudFront: answered with 5xx, or the viewer left first; it says more about the service than about its users. */
	NotServed: "not-served",
	/** CloudFront: no country, and the edge location's code is not known. */
	UnknownEdge: "unknown-edge",
} as const;
export type SkipReason = (typeof SkipReason)[keyof typeof SkipReason];

/** Counts skipped rows by reason: what cannot be used is reported, never silently dropped. */
export class SkipCounts {
	readonly #byReason = new Map<SkipReason, number>();

	add(reason: SkipReason, rows = 1): void {
		this.#byReason.set(reason, this.of(reason) + rows);
	}

	of(reason: SkipReason): number {
		return this.#byReason.get(reason) ?? 0;
	}

	get total(): number {
		return [...this.#byReason.values()].reduce((sum, rows) => sum + rows, 0);
	}

	/** Reason -> rows, in alphabetical order of the reasons; reasons that did not occur are absent. */
	toJSON(): Record<string, number> {
		return Object.fromEntries([...this.#byReason].sort(([a], [b]) => a.localeCompare(b)));
	}

	/** For a sentence: `unknown-country 100, bad-time 20`, most frequent first. */
	describe(): string {
		const ordered = [...this.#byReason].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
		return ordered.map(([reason, rows]) => `${reason} ${rows}`).join(", ");
	}
}
