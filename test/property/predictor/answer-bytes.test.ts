import { describe, expect, it } from "vitest";
import { answerBytesOf, bytesOf } from "#adapters/sagemaker/answer-bytes.ts";
import { partsOf } from "#adapters/sagemaker/sagemaker-predictor.ts";
import { REGIONS } from "#domain/geography/regions.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { MAX_SEGMENTS_PER_PARTITION, WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { applyToPartition } from "#predictor/features/apply-counts.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast, toResponse } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { MAX_BODY_BYTES } from "#predictor/serving/server.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { FIRST_HOUR } from "#test/property/prediction/arbitraries.ts";

const NOW_HOUR = FIRST_HOUR + 500;
const MODEL = createModel(DEFAULT_ARTEFACT);

interface Shape {
	readonly regions: number;
	readonly segments: readonly string[];
	readonly windows: readonly number[];
	readonly outlooks: boolean;
	readonly counts: readonly (readonly [hour: number, region: number, segment: number, count: number])[];
	readonly name: string;
}

function requestOf({ regions, segments, windows, outlooks, counts, name }: Shape, partitions = 1): ForecastRequest {
	const deployed = REGIONS.slice(0, regions).map(({ id }) => id);
	const own = counts.map(([hour, region, segment, count]): HourCount => {
		const at = FIRST_HOUR + hour;
		return {
			...{ partition: name, hour: at, reportHour: at, count },
			region: deployed[region % regions] ?? "",
			segment: segments[segment % segments.length] ?? "",
		};
	});
	const state = applyToPartition(undefined, own, NOW_HOUR);
	if (state === undefined) throw new Error("no access");
	return {
		madeAtMs: NOW_HOUR * HOUR_MS,
		windowHours: windows,
		regions: deployed,
		parents: {},
		partitions: Array.from({ length: partitions }, (_, index) => ({ partition: partitionId(`${name}${index}`), state })),
		outlooks,
	};
}

const answerOf = (request: ForecastRequest): number => bytesOf(toResponse(forecast(MODEL, request)));
const estimateOf = (request: ForecastRequest): number => request.partitions.reduce((sum, input) => sum + answerBytesOf(input, request), 0);

const shapes: fc.Arbitrary<Shape> = fc.record({
	regions: fc.integer({ min: 1, max: Math.min(30, REGIONS.length) }),
	segments: fc.array(fc.string({ maxLength: 40, unit: "binary" }), { maxLength: MAX_SEGMENTS_PER_PARTITION }),
	windows: fc.subarray([...WINDOWS_HOURS], { minLength: 1 }),
	outlooks: fc.boolean(),
	counts: fc.array(
		fc.tuple(
			fc.integer({ min: 0, max: 490 }),
			fc.nat(29),
			fc.nat(7),
			fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 1e-9, max: 1e9, noNaN: true })),
		),
		{ minLength: 1, maxLength: 60 },
	),
	name: fc.stringMatching(/^[A-Za-z0-9._~:-]{1,120}$/),
});

describe("the bytes of an answer", () => {
	it("are never more than was estimated", () => {
		fc.assert(
			fc.property(shapes, fc.integer({ min: 1, max: 4 }), (shape, partitions) => {
				const request = requestOf(shape, partitions);
				expect(answerOf(request)).toBeLessThanOrEqual(estimateOf(request) + '{"predictions":[],"outlooks":{}}'.length);
			}),
			{ numRuns: 200 },
		);
	});

	it.each([0, 3, 8])(
		"stay below what a serverless endpoint answers in every part of a request with %i segments a partition",
		(segments) => {
			const counts = Array.from({ length: 90 }, (_, at) => [400 + at, at, at, 1 + (at % 7)] as const);
			const names = Array.from({ length: segments }, (_, at) => `segment-${at}`);
			const request = requestOf({ regions: 9, segments: names, windows: WINDOWS_HOURS, outlooks: true, counts, name: "tenant-" }, 2000);
			const parts = partsOf(request);
			expect(parts.flatMap(({ partitions }) => partitions)).toEqual(request.partitions);
			for (const part of parts) expect(answerOf(part)).toBeLessThan(MAX_BODY_BYTES);
			// as full as it can be
			expect(Math.max(...parts.map(answerOf))).toBeGreaterThan(MAX_BODY_BYTES / 2);
		},
	);

	it("may be too many for one partition alone, which still is asked about", () => {
		const shape = { regions: 3, segments: [], windows: WINDOWS_HOURS, outlooks: true, counts: [[0, 0, 0, 1]], name: "p" } as const;
		const request = requestOf(shape, 3);
		expect(partsOf(request, 1).map(({ partitions }) => partitions)).toEqual(request.partitions.map((one) => [one]));
	});
});
