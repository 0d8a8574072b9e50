import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Context } from "aws-lambda";
import { StateMachine } from "aws-local-stepfunctions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecisionStore } from "#adapters/dynamodb/decision-store.ts";
import { createEventStore } from "#adapters/dynamodb/event-store.ts";
import { encodeRecord } from "#adapters/dynamodb/metadata-items.ts";
import { createPredictionStore } from "#adapters/dynamodb/prediction-store.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { Phase } from "#domain/partition/record.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { DEFAULT_PARTITION_RULE } from "#domain/routing/partition-rule.ts";
import { RUNTIME_SLOT } from "#lambdas/shared/runtime.ts";
import { type ModelProcess, startModelProcess } from "#local/model/model-process.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { type LogEntry, logLine, windowEvent } from "#test/integration/prediction/access-log.ts";
import { type AwsEndpoints, startAwsEndpoints } from "#test/integration/prediction/aws-endpoints.ts";

const [HOME, FAR] = [regionId("us-east-1"), regionId("ap-northeast-1")];
const PARTITION = partitionId("tenants:acme");
const START_MS = Date.parse("2024-03-04T05:00:00Z");

describe.skipIf(!engineAvailable)("a run of the predict state machine on a real engine and a real model process", () => {
	let engine: TestEngine;
	let model: ModelProcess;
	let aws: AwsEndpoints;
	let tables: DynamoDBDocumentClient;
	const clock = new ManualClock(START_MS);

	beforeAll(async () => {
		[engine, model] = await Promise.all([startEngine(), startModelProcess(mkdtempSync(join(tmpdir(), "heliotrope-model-")), () => {})]);
		aws = await startAwsEndpoints("model", model.url);
		for (const name of ["METADATA", "TELEMETRY", "STATE", "PREDICTIONS", "DECISIONS"]) {
			process.env[`${name}_TABLE`] = name.toLowerCase();
			await engine.createTable(name.toLowerCase());
		}
		Object.assign(process.env, {
			AWS_REGION: HOME,
			AWS_ACCESS_KEY_ID: "test",
			AWS_SECRET_ACCESS_KEY: "test",
			AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
			AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: aws.url,
			AWS_ENDPOINT_URL_SFN: aws.url,
			STAGE: "test",
			REGIONS: [HOME, regionId("eu-west-1"), FAR].join(","),
			CONTROL_REGION: HOME,
			MODEL_ENDPOINT_NAME: "model",
			FORECAST_ENDPOINT_NAME: "",
			MIGRATIONS_TABLE: "migrations",
			MIGRATE_STATE_MACHINE_ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:migrate",
			RTT_MATRIX: "",
			PARTITION_RULE: DEFAULT_PARTITION_RULE,
			// limits far away: what they need is read, nothing is refused
			PLACEMENT: JSON.stringify({ copies: { [FAR]: 5 }, bytesPerRun: 1e9 }),
		});
		(globalThis as Record<symbol, unknown>)[RUNTIME_SLOT] = { clock, random: { next: () => 0.5, id: () => "a".repeat(26) } };
		tables = DynamoDBDocumentClient.from(engine.client());
	});
	afterAll(async () => {
		delete (globalThis as Record<symbol, unknown>)[RUNTIME_SLOT];
		await Promise.all([engine.stop(), model.stop(), aws.stop()]);
	});

	const createPartition = () =>
		tables.send(
			new PutCommand({
				TableName: "metadata",
				Item: encodeRecord({
					partition: PARTITION,
					leader: HOME,
					followers: [],
					epoch: 3,
					phase: Phase.Active,
					buckets: 1,
					version: 1,
					createdAtMs: 0,
					updatedAtMs: 0,
					leaderSinceMs: 0,
				}),
			}),
		);

	/** Counts `n` accesses from `region` in the hour that begins at `hourMs`, in one window at its end. */
	async function access(region: string, hourMs: number, n: number): Promise<void> {
		const { handler } = await import("#lambdas/count-accesses/handler.ts");
		const atMs = hourMs + HOUR_MS / 2;
		clock.advance(atMs + 60_000 - clock.nowMs());
		const entry = (index: number): LogEntry => ({
			atMs,
			partition: PARTITION,
			region,
			requestId: `${region}-${hourMs}-${index}`,
			segment: "office",
		});
		await handler(
			windowEvent({ lines: Array.from({ length: n }, (_, index) => logLine(entry(index))), endMs: atMs + 60_000 }),
			{} as Context,
		);
	}

	/** One execution of the real definition with the real handlers; `overrides` replaces some, to make them fail. */
	async function run(scheduledMs: number, overrides: Record<string, (input: unknown) => Promise<unknown>> = {}) {
		clock.advance(scheduledMs - clock.nowMs());
		const handlers = await import("#lambdas/predict-placement/handler.ts");
		const definition = JSON.parse(
			readFileSync("state-machines/predict.asl.json", "utf8").replaceAll(
				/\$\{(\w+)\}/g,
				"arn:aws:lambda:us-east-1:000000000000:function:$1",
			),
		);
		const machine = new StateMachine(definition);
		const taskResourceLocalHandlers = {
			ListShards: handlers.listShards,
			ForecastShard: handlers.forecastShard,
			DecidePlacement: handlers.decidePlacement,
			StartMigrations: handlers.startMigrations,
			...overrides,
		};
		return machine.run(
			{ scheduledTime: new Date(scheduledMs).toISOString() },
			{ overrides: { taskResourceLocalHandlers: taskResourceLocalHandlers as never } },
		).result;
	}

	const decisions = () => createDecisionStore({ client: tables, tableName: "decisions", clock }).list(PARTITION, { limit: 100 });
	const at = (hours: number, minutes = 2) => START_MS + hours * HOUR_MS + minutes * 60_000;

	it("ends at once when nothing was accessed", async () => {
		await expect(run(at(0))).resolves.toMatchObject({ outcome: "nothing-due" });
	});

	it("records why an unknown partition stays", async () => {
		await access(FAR, at(0, 0), 4);
		await expect(run(at(1))).resolves.toMatchObject({ considered: 1, moves: [] });
		expect(await decisions()).toMatchObject([{ partition: PARTITION, verdict: "stay", reason: "no-record" }]);
	});

	it("does nothing with an hour it has done, and keeps a second run out while one holds the lease", async () => {
		await expect(run(at(1))).resolves.toMatchObject({ outcome: "nothing-due" });
	});

	it("takes an hour up again after a run that failed, and moves the partition towards its users once", async () => {
		await createPartition();
		for (const hour of [1, 2]) await access(FAR, at(hour, 0), 30);
		const failing = { DecidePlacement: () => Promise.reject(new Error("crash")) };
		await expect(run(at(3), failing)).rejects.toThrow();
		await expect(run(at(3, 30))).resolves.toMatchObject({ outcome: "busy" });
		await expect(run(at(4))).resolves.toMatchObject({ started: 1, alreadyStarted: 0 });
		expect(aws.started).toMatchObject([
			{
				input: {
					partition: PARTITION,
					epoch: 3,
					requestedBy: "placement",
					actions: [{ addFollower: FAR }, { transferLeadership: FAR }, { removeFollower: HOME }],
				},
			},
		]);
		const [last] = (await decisions()).filter(({ verdict }) => verdict === "move");
		expect(last).toMatchObject({ reason: "saving", source: HOME, target: FAR, migrationId: aws.started[0]?.name });
		// 4 + 60 accesses in the 60 day count, barely decayed: applied once although two runs saw them
		expect(last?.forecast?.effectiveCount).toBeGreaterThan(63);
		expect(last?.forecast?.effectiveCount).toBeLessThan(64.001);
	});

	it("forecasts a quiet partition again at the next refresh that finds its forecast twelve hours old", async () => {
		await expect(run(at(5))).resolves.toMatchObject({ outcome: "nothing-due" });
		// last forecast at 09:02, refreshes at 12:00 (3 hours old) and 00:00
		await expect(run(at(7))).resolves.toMatchObject({ outcome: "nothing-due" });
		await expect(run(at(20))).resolves.toMatchObject({ started: 0, alreadyStarted: 1 });
		expect((await decisions()).filter(({ verdict }) => verdict === "move")).toHaveLength(2);
		expect(aws.started).toHaveLength(1);
	});

	it("has held its first forecast against the thirty accesses of its window, and plans by the hour", async () => {
		const store = createPredictionStore({ client: tables, tableName: "predictions", clock });
		const seen = (await store.readCalibration())?.windows["6"]?.sums ?? [];
		expect(seen.filter((_, at) => at % 3 === 0).reduce((sum, accesses) => sum + accesses, 0)).toBeCloseTo(30, 9);
		expect(seen.filter((_, at) => at % 3 === 2).reduce((sum, hits) => sum + hits, 0)).toBeCloseTo(30, 9);
		const known = (await store.readPartitions([PARTITION])).get(PARTITION);
		expect(known?.probes.map(({ windowHours }) => windowHours).sort((a, b) => a - b)).toEqual([6, 24, 168]);
		expect(known?.outlook?.fromHour).toBe((known?.forecastHour ?? 0) + 1);
		expect(known?.outlook?.accesses).toHaveLength(24 * 3);
	});

	it("tilts its forecasts by the events an operator has declared, until they are deleted", async () => {
		const events = createEventStore({ client: tables, tableName: "predictions", clock });
		const store = createPredictionStore({ client: tables, tableName: "predictions", clock });
		const short = async () => (await store.readPartitions([PARTITION])).get(PARTITION)?.vectors[0];
		const span = { start: new Date(at(30)).toISOString(), end: new Date(at(60)).toISOString() };
		const lift = { [HOME]: 1000 };
		await events.write({ eventId: "other", name: "elsewhere", ...span, lift, partitions: ["somebody:*"] });
		await events.write({ eventId: "launch", name: "launch at home", ...span, lift, segments: ["office"] });
		await access(FAR, at(31, 0), 1);
		await run(at(32));
		const tilted = await short();
		expect(tilted?.tilts).toEqual(["launch at home"]);
		expect(tilted?.probabilities[0]).toBeGreaterThan(0.05);
		expect(await events.remove("launch")).toBe(true);
		expect(await events.remove("launch")).toBe(false);
		expect((await events.list()).map(({ eventId }) => eventId)).toEqual(["other"]);
		await access(FAR, at(32, 0), 1);
		await run(at(33));
		expect((await short())?.tilts).toBeUndefined();
		expect((await short())?.probabilities[0]).toBeLessThan(0.001);
	});
});
