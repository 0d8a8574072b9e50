import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCalendarStore } from "#adapters/dynamodb/calendar-store.ts";
import { createPredictionStore } from "#adapters/dynamodb/prediction-store.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionForecast, PredictionStore } from "#domain/ports/prediction-store.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { applyToGlobal, applyToParent, applyToPartition } from "#predictor/features/apply-counts.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const HOUR = 474_000;
const count = (partition: string): HourCount => ({
	partition,
	region: "us-east-1",
	segment: "office",
	hour: HOUR,
	reportHour: HOUR,
	count: 3,
});

function forecastOf(name: string): PartitionForecast {
	const state = applyToPartition(undefined, [count(name)], HOUR);
	if (state === undefined) throw new Error("no state");
	return { partition: partitionId(name), state, vectors: [], forecastHour: HOUR, probes: [] };
}

describe.skipIf(!engineAvailable)("the predictions table on a real engine", () => {
	let engine: TestEngine;
	let store: PredictionStore;
	let calendar: ReturnType<typeof createCalendarStore>;
	/** The operations that reached the engine. */
	const sent: string[] = [];

	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("predictions");
		const client = engine.client();
		client.middlewareStack.add(
			(next, { commandName }) =>
				(args) => {
					sent.push(String(commandName).replace("Command", ""));
					return next(args);
				},
			{ step: "initialize" },
		);
		const table = { client: DynamoDBDocumentClient.from(client), tableName: "predictions", clock: new ManualClock(0) };
		store = createPredictionStore(table);
		calendar = createCalendarStore(table);
	});
	beforeEach(() => void sent.splice(0));
	afterAll(() => engine.stop());

	it("makes one call of what is read at the same time, and answers each what it asked for", async () => {
		const global = applyToGlobal(undefined, [count("a:b")], HOUR);
		const parent = applyToParent(undefined, [count("a:b")], HOUR);
		if (parent === undefined) throw new Error("no state");
		await store.writeShared(new Map([["prefix:a", parent]]), global);
		const forecasts = ["a:b", "a:c"].map(forecastOf);
		const lists = await store.writeForecasts(HOUR + 12, HOUR, forecasts);
		expect(sent.splice(0)).toEqual(["BatchWriteItem", "BatchWriteItem"]);
		const read = await Promise.all([
			store.readGlobal(),
			store.readCalibration(),
			calendar.read(),
			store.readParents(["prefix:a", "prefix:none"]),
			store.readLists(lists),
			store.readPartitions([partitionId("a:c"), partitionId("a:gone"), partitionId("a:b")]),
		]);
		expect(sent).toEqual(["BatchGetItem"]);
		const [c, b] = [forecasts[1], forecasts[0]];
		expect(read).toEqual([
			global,
			undefined,
			undefined,
			new Map([["prefix:a", parent]]),
			["a:b", "a:c"],
			new Map([
				["a:c", c],
				["a:b", b],
			]),
		]);
	});

	it("reads more at once than one call takes", async () => {
		const forecasts = Array.from({ length: 120 }, (_, index) => forecastOf(`many:p${index}`));
		await store.writeForecasts(HOUR + 12, HOUR, forecasts);
		sent.splice(0);
		const read = await store.readPartitions(forecasts.map(({ partition }) => partition));
		expect([...read.keys()]).toEqual(forecasts.map(({ partition }) => partition));
		expect(sent).toEqual(["BatchGetItem", "BatchGetItem"]);
	});

	it("lets a run claim only the progress that it has seen", async () => {
		const before = await store.readProgress();
		expect(before).toEqual({ throughHour: undefined, dueThroughHour: undefined });
		expect(await store.claimRun("first", before, 0, 1000)).toBe(true);
		expect(await store.claimRun("first", before, 1, 1000)).toBe(true);
		expect(await store.claimRun("second", before, 1, 1000)).toBe(false);
		expect(await store.completeRun("first", { throughHour: HOUR, dueThroughHour: HOUR + 1 })).toBe(true);
		// read before the first ended: what that has left due it has not seen
		expect(await store.claimRun("second", before, 2, 1000)).toBe(false);
		const after = await store.readProgress();
		expect(await store.claimRun("second", { ...after, dueThroughHour: HOUR }, 2, 1000)).toBe(false);
		expect(await store.claimRun("second", after, 2, 1000)).toBe(true);
		expect(await store.completeRun("first", { throughHour: HOUR, dueThroughHour: HOUR + 1 })).toBe(false);
		// a lease that ran out
		expect(await store.claimRun("third", after, 1001, 2000)).toBe(true);
	});
});
