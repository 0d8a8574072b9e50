import { regionId } from "#domain/geography/region-id.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { Trace } from "#replay/engine/trace.ts";
import type { ReplaySettings } from "#replay/result/replay-result.ts";
import fc from "#test/__helpers__/fast-check.ts";

export const REGIONS = ["us-east-1", "eu-central-1", "ap-south-1", "ap-northeast-1"].map(regionId);
/** Round-trip times in ms, one region after another. */
export const RTT_MS = Float64Array.from([1, 90, 190, 150, 90, 1, 115, 240, 190, 115, 1, 130, 150, 240, 130, 1]);

export interface Access {
	readonly hour: number;
	readonly partition: string;
	readonly region: number;
	readonly count: number;
	/** @default none */
	readonly segment?: string;
}

export const FIRST_HOUR = 400_000;

export function traceOf(accesses: readonly Access[]): Trace {
	const builder = new CellBuilder(REGIONS);
	for (const { hour, partition, region, count, segment = "" } of [...accesses].sort((a, b) => a.hour - b.hour)) {
		builder.add(partition, REGIONS[region] ?? regionId("us-east-1"), segment, FIRST_HOUR + hour, count);
	}
	return { ...builder.build(), bytes: { sum: 0, accesses: 0 }, reads: 0, writes: 0, rows: accesses.length, rowsSkipped: {} };
}

/** Some partitions over some days, in bursts that change their region. */
export const accesses = (days: number): fc.Arbitrary<readonly Access[]> =>
	fc.array(
		fc.record({
			hour: fc.integer({ min: 0, max: days * 24 - 1 }),
			partition: fc.constantFrom("a:x", "a:y", "b:z"),
			region: fc.integer({ min: 0, max: 3 }),
			count: fc.integer({ min: 1, max: 5 }),
		}),
		{ minLength: 20, maxLength: 80 },
	);

export const settingsOf = (over: Partial<ReplaySettings> = {}): ReplaySettings => ({
	regions: REGIONS,
	copies: 2,
	moveCostMs: 100,
	transferCostMs: 1,
	readShare: 0.5,
	scoreFrom: 0.5,
	seed: 1,
	rtt: "measured",
	...over,
});
