import { expect } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { Forecast, ForecastRequest } from "#domain/prediction/forecast-request.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";
import { OUTLOOK_HOURS, OUTLOOK_LEAST_ACCESSES } from "#domain/prediction/settings.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import { OutlookMaker } from "#predictor/models/outlook.ts";
import { createModel, type Parameters } from "#predictor/models/registry.ts";
import { VectorMaker } from "#predictor/models/vector-maker.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";
import { GOLDEN_HOUR } from "#test/unit/predictor/golden-request.ts";

/** What training's columns, which take a whole history hour by hour, say of the request's partitions. */
export function byColumns(parameters: Parameters, history: readonly HourCount[], request: ForecastRequest): Forecast {
	const builder = new CellBuilder(request.regions);
	for (const { partition, region, segment, hour, count } of history) builder.add(partition, regionId(region), segment, hour, count);
	const whole = builder.build();
	const walk = new HourWalk(whole);
	for (let hour = whole.cells.hour[0] ?? 0; hour <= GOLDEN_HOUR; hour += 1) walk.advance(hour);
	const model = createModel(parameters);
	const maker = new VectorMaker(model, walk.experts, request);
	const outlook = new OutlookMaker(model, walk.experts);
	const outlooks: [PartitionId, HourlyOutlook][] = [];
	const vectors = request.partitions.flatMap(({ partition }) => {
		const slot = whole.partitions.indexOf(partition);
		walk.experts.select(slot);
		const own = request.windowHours.map((hours) => maker.make(partition, hours, walk.columns.own.segments.of(slot)));
		const accesses = new Float32Array(OUTLOOK_HOURS * request.regions.length);
		if (outlook.fill(accesses, 0, OUTLOOK_LEAST_ACCESSES) >= OUTLOOK_LEAST_ACCESSES)
			outlooks.push([partition, { fromHour: GOLDEN_HOUR + 1, accesses }]);
		return own;
	});
	return { vectors, outlooks: new Map(outlooks) };
}

/** Holds a forecast to another to 1e-12, its outlooks to what 32 bits carry. */
export function expectAlike(actual: Forecast, expected: Forecast): void {
	expect(actual.vectors.length).toBe(expected.vectors.length);
	const flat = ({ vectors }: Forecast) =>
		vectors.map(({ probabilities, joint = {}, expectedAccesses, accessesInterval = [], effectiveCount, confidence = 0 }) => [
			[...probabilities, ...Object.values(joint).flat(), confidence],
			[expectedAccesses, ...accessesInterval, effectiveCount],
		]);
	flat(expected).forEach(([shares = [], volumes = []], index) => {
		const [ours = [], counts = []] = flat(actual)[index] ?? [];
		expect(Math.max(...shares.map((share, at) => Math.abs(share - (ours[at] ?? 9))))).toBeLessThan(1e-12);
		expect(Math.max(...volumes.map((count, at) => Math.abs(count - (counts[at] ?? -9)) / Math.max(1, count)))).toBeLessThan(1e-12);
	});
	expect([...actual.outlooks.keys()]).toEqual([...expected.outlooks.keys()]);
	for (const [partition, { fromHour, accesses }] of expected.outlooks) {
		const ours = actual.outlooks.get(partition);
		expect(ours?.fromHour).toBe(fromHour);
		// hours are carried in 32 bits
		accesses.forEach((count, at) => {
			expect(Math.abs(count - (ours?.accesses[at] ?? -9)) / Math.max(1, count)).toBeLessThan(1e-6);
		});
	}
}
