import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { segmentShares } from "#domain/prediction/prediction-vector.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { jointOfSegments } from "#predictor/models/joint.ts";
import { createModel } from "#predictor/models/registry.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";

const REGIONS = ["eu-west-1", "us-east-1"].map(regionId);
const DAYS = 60;
const BEGIN = Date.parse("2024-01-01T00:00Z") / 3_600_000;
const WINDOW = 6;

interface Kind {
	readonly segment: string;
	/** Hours of the day (UTC) in which it is there. */
	readonly hours: readonly [from: number, until: number];
	/** The share of its accesses that come from the first region. */
	readonly atHome: number;
}
const OFFICE: Kind = { segment: "office", hours: [8, 16], atHome: 0.9 };
const HOME: Kind = { segment: "home", hours: [18, 24], atHome: 0.5 };

function log(kinds: readonly Kind[], partitions: number, perHour: number, seed: number): AccessHistory {
	const builder = new CellBuilder(REGIONS);
	const random = seededRandom(seed);
	for (let hour = BEGIN; hour < BEGIN + 24 * DAYS; hour += 1)
		for (let partition = 0; partition < partitions; partition += 1)
			for (const { segment, hours, atHome } of kinds)
				if (hour % 24 >= hours[0] && hour % 24 < hours[1] && random() < perHour)
					builder.add(`p${partition}`, REGIONS[random() < atHome ? 0 : 1] ?? regionId("us-east-1"), segment, hour, 1);
	return builder.build();
}

const MODEL = createModel(DEFAULT_ARTEFACT);

/** What the default model expects of the regions in a partition's next six hours, from an hour on after the walk's. */
function forecastOf({ experts }: HourWalk, partition: number): readonly number[] {
	const forecast = new Float64Array(REGIONS.length);
	experts.select(partition);
	experts.tilt(experts.hour + 1, WINDOW);
	MODEL.mix(experts, WINDOW, forecast);
	return [...forecast];
}

function jointFor(walk: HourWalk, partition: number, ofRegions = forecastOf(walk, partition), windowHours = WINDOW) {
	walk.experts.select(partition);
	const segments = walk.columns.own.segments.of(partition);
	return segments === undefined ? {} : jointOfSegments(ofRegions, segments, walk.experts, windowHours);
}

describe("segments that keep hours of their own", () => {
	const history = log([OFFICE, HOME], 1, 0.9, 3);
	const walk = new HourWalk(history);

	it.each([
		[9, OFFICE],
		[17, HOME],
	])("are expected in these: from %i:00 on $segment", (hourOfDay, expected) => {
		walk.advance(BEGIN + 24 * 50 + hourOfDay);
		const joint = jointFor(walk, 0, [expected.atHome, 1 - expected.atHome]);
		const shares = segmentShares({ joint });
		expect(shares?.get(expected.segment)).toBeGreaterThan(0.9);
		// and so its own regions need not bend to explain the hours
		const own = joint[expected.segment] ?? [];
		expect((own[0] ?? 0) / (shares?.get(expected.segment) ?? 0)).toBeCloseTo(expected.atHome, 1);
	});

	it("are expected by their shares over whole days", () => {
		walk.advance(BEGIN + 24 * 50 + 18);
		const shares = segmentShares({ joint: jointFor(walk, 0, [0.73, 0.27], 24) });
		expect(shares?.get("office")).toBeCloseTo(8 / 14, 1);
	});
});

describe("shares of segments", () => {
	/** Over the last month: log-loss of the segment, and the calibration error of the likeliest one's share in ten bins. */
	function scored(kinds: readonly Kind[], perHour: number, seed: number) {
		const partitions = 6;
		const history = log(kinds, partitions, perHour, seed);
		const walk = new HourWalk(history);
		const { cells } = history;
		const bins = Array.from({ length: 10 }, () => ({ hits: 0, expected: 0 }));
		let [loss, accesses] = [0, 0];
		for (let hour = BEGIN + 24 * 30; hour + 1 + WINDOW <= BEGIN + 24 * DAYS; hour += 5) {
			walk.advance(hour);
			for (let partition = 0; partition < partitions; partition += 1) {
				const shares = [...(segmentShares({ joint: jointFor(walk, partition) }) ?? [])];
				const top = shares.toSorted((a, b) => b[1] - a[1])[0];
				cells.hour.forEach((at, cell) => {
					if (at <= hour || at > hour + WINDOW || cells.partition[cell] !== partition || top === undefined) return;
					const segment = history.segments[cells.segment[cell] ?? 0] ?? "";
					const share = shares.find(([name]) => name === segment)?.[1] ?? 0;
					const bin = bins[Math.min(9, Math.floor(top[1] * 10))];
					if (bin !== undefined) bin.expected += top[1];
					if (bin !== undefined && segment === top[0]) bin.hits += 1;
					loss -= Math.log(Math.max(1e-4, share));
					accesses += 1;
				});
			}
		}
		return { logLoss: loss / accesses, ece: bins.reduce((sum, { hits, expected }) => sum + Math.abs(hits - expected), 0) / accesses };
	}

	it.each([1, 2, 3])("are calibrated where segments keep hours, and where they do not (seed %i)", (seed) => {
		const hours = scored([OFFICE, HOME], 0.5, seed);
		expect(hours.ece).toBeLessThan(0.04);
		// the counted shares alone know no hours: 8 to 6
		expect(hours.logLoss).toBeLessThan(0.35);
		const always = [0.2, 0.5].map((atHome, index): Kind => ({ segment: `s${index}`, hours: [0, 24], atHome }));
		expect(scored(always, 0.6, seed).ece).toBeLessThan(0.04);
	});
});
