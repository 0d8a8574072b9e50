import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";

const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);

/** A request of `size` partitions that differ, without randomness. */
export function goldenRequest(size: number): ForecastRequest {
	const counts = (seed: number): number[] => REGIONS.map((_, index) => ((seed * 7 + index * 13) % 11) / 3);
	return {
		madeAtMs: Date.parse("2024-03-04T05:02:00Z"),
		windowHours: [6, 168],
		regions: REGIONS,
		global: { g1d: counts(1), g14d: counts(2), g365d: counts(3), activity: { 6: [0.2, 1.4, 1.1], 168: [1, 1, 1] } },
		partitions: Array.from({ length: size }, (_, index) => ({
			partition: partitionId(`p${index}`),
			e1d: counts(index),
			e14d: counts(index + 1),
			e60d: counts(index + 2),
			e365d: counts(index + 3),
			recent: counts(index + 4),
			a14d: counts(index + 5),
			a365d: counts(index + 6),
			ageHours: 24 + index,
			...(index % 2 === 0 ? {} : { segments: { office: counts(index + 7) } }),
		})),
	};
}
