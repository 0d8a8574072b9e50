import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionForecast, PredictionStore } from "#domain/ports/prediction-store.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { RUN_SETTINGS } from "#domain/prediction/settings.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { type ForecastShardDeps, forecastShard } from "#lambdas/predict-placement/forecast-shard.ts";
import { applyToParent, applyToPartition } from "#predictor/features/apply-counts.ts";

const SCHEDULED = "2024-03-04T12:02:00.000Z";
const RUN_HOUR = Math.floor(Date.parse(SCHEDULED) / 3_600_000);
const REGION = regionId("us-east-1");

const count = (partition: string, segment: string, hour: number): HourCount => ({
	partition,
	region: REGION,
	segment,
	hour,
	reportHour: hour,
	count: 1,
});

const parent = applyToParent(undefined, [count("any", "office", RUN_HOUR - 30)], RUN_HOUR - 30);

/** Forecasts one partition that was accessed earlier in the segment `before`, and now in `now`. @returns the parents that were asked for, call by call, and those that the model was given */
async function forecast(name: string, { before, now }: { readonly before?: string; readonly now?: string }) {
	const partition = partitionId(name);
	const state = before === undefined ? undefined : applyToPartition(undefined, [count(name, before, RUN_HOUR - 20)], RUN_HOUR - 20);
	const known = new Map<PartitionId, PartitionForecast>(
		state === undefined ? [] : [[partition, { partition, state, vectors: [], forecastHour: RUN_HOUR - 20, probes: [] }]],
	);
	const asked: (readonly string[])[] = [];
	let request: ForecastRequest | undefined;
	const store: Partial<PredictionStore> = {
		readLists: async () => [partition],
		readPartitions: async () => known,
		async readParents(keys) {
			if (keys.length > 0) asked.push(keys);
			return new Map(keys.flatMap((key) => (parent === undefined || key.endsWith("unknown") ? [] : [[key, parent] as const])));
		},
		readGlobal: async () => undefined,
		readCalibration: async () => undefined,
		writeForecasts: async () => [],
	};
	const deps: Partial<ForecastShardDeps> = {
		counts: { readHour: async () => (now === undefined ? [] : [count(name, now, RUN_HOUR - 1)]) } as unknown as ForecastShardDeps["counts"],
		store: store as PredictionStore,
		predictor: {
			async forecast(made: ForecastRequest) {
				request = made;
				return { vectors: [], outlooks: new Map() };
			},
		} as unknown as ForecastShardDeps["predictor"],
		events: { list: async () => [] },
		calendar: { read: async () => undefined },
		regions: [REGION],
		settings: RUN_SETTINGS,
	};
	const work = [{ shard: shardOf(partition), countHours: [RUN_HOUR - 1], dueLists: ["due"] }];
	await forecastShard(deps as ForecastShardDeps, { scheduledTime: SCHEDULED, throughHour: RUN_HOUR - 1, work });
	return { asked, given: Object.keys(request?.parents ?? {}).toSorted() };
}

test.each([
	["of its name are read with its state", "tenants:acme", { before: "office", now: "home" }, [["prefix:tenants"]], ["prefix:tenants"]],
	["of the segments of its counts are read with its state", "acme", { now: "home" }, [["segment:home"]], ["segment:home"]],
	["of segments that only its state knows are read after it", "acme", { before: "office" }, [["segment:office"]], ["segment:office"]],
	[
		"are each read once and given all",
		"acme",
		{ before: "office", now: "home" },
		[["segment:home"], ["segment:office"]],
		["segment:home", "segment:office"],
	],
	["that are not there are not asked for again", "acme", { now: "unknown" }, [["segment:unknown"]], []],
])("parents of a partition %s", async (_, name, segments, asked, given) => {
	expect(await forecast(name, segments)).toEqual({ asked, given });
});
