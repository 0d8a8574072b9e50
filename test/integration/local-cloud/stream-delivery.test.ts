import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StreamMapping } from "#infra/description/event-sources.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import type { LambdaCall, LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { type DurableState, openDurableState } from "#local/state/durable-state.ts";
import { Checkpoints } from "#local/streams/checkpoints.ts";
import { StreamDelivery } from "#local/streams/stream-delivery.ts";
import { EAST, type Fixture, STAGE, startFixture, temporaryDirectory, WEST } from "#test/integration/local-cloud/fixture.ts";

const DATA = tableName(STAGE, TableName.Data);
const START_MS = Date.UTC(2023, 0, 1);
const mapping: StreamMapping = {
	table: TableName.Data,
	function: "carry-stream",
	sortKeyPrefix: "item#",
	where: "every-region" as const,
	batchSize: 10,
};
const taken: LambdaOutcome = { ok: true, payload: { batchItemFailures: [] } };

let directory: ReturnType<typeof temporaryDirectory>;
let cloud: Fixture;
let state: DurableState;
let delivery: StreamDelivery;
let calls: { readonly region: string; readonly records: readonly DynamoDBRecord[] }[];
/** What the function answers, call by call; afterwards it takes everything. */
let answers: ((records: readonly DynamoDBRecord[]) => LambdaOutcome)[];

function createDelivery(): StreamDelivery {
	const { clock, engines } = cloud;
	const invoke = async ({ event, region }: LambdaCall): Promise<LambdaOutcome> => {
		const records = (event as DynamoDBStreamEvent).Records;
		calls.push({ region, records });
		return answers.shift()?.(records) ?? taken;
	};
	const regions = [EAST, WEST];
	const shared = { clock, state, regions, controlRegion: EAST, stage: STAGE, mappings: [mapping], log: () => {} };
	return new StreamDelivery({ ...shared, engine: engines.client, host: { invoke } });
}

beforeEach(async () => {
	directory = temporaryDirectory();
	calls = [];
	answers = [];
	state = openDurableState(directory.path);
	const clock = new VirtualClock({ startMs: START_MS, speed: Number.POSITIVE_INFINITY });
	cloud = await startFixture(directory.path, { clock, service: { onWrite: (region, table) => delivery.notify(region, table) } });
	delivery = createDelivery();
});
afterEach(async () => {
	await delivery.stop();
	await cloud.stop();
	state.close();
	directory.remove();
});

const put = (sk: string, n: number, region = EAST) =>
	cloud.client(region).send(new PutCommand({ TableName: DATA, Item: { pk: "p#0", sk, n } }));
const sequenceOf = (record: DynamoDBRecord | undefined): string => record?.dynamodb?.SequenceNumber ?? "";
const delivered = (): readonly string[] => calls.flatMap((call) => call.records.map(sequenceOf));
const keysOf = (records: readonly DynamoDBRecord[]): readonly (string | undefined)[] =>
	records.map((record) => record.dynamodb?.Keys?.["sk"]?.S);

describe("stream delivery", () => {
	test("gives the function the records of its keys in order, as the Lambda service would", async () => {
		await put("item#a", 1);
		await put("fence", 1);
		await put("item#b", 1);
		await put("item#a", 2);
		await delivery.drained();
		const records = calls.flatMap((call) => call.records);
		expect(keysOf(records)).toEqual(["item#a", "item#b", "item#a"]);
		expect(records.map((record) => record.eventName)).toEqual(["INSERT", "INSERT", "MODIFY"]);
		expect(records[0]).toMatchObject({
			awsRegion: EAST,
			eventSource: "aws:dynamodb",
			eventSourceARN: expect.stringContaining(`arn:aws:dynamodb:${EAST}:000000000000:table/${DATA}/stream/`),
			dynamodb: { Keys: { pk: { S: "p#0" }, sk: { S: "item#a" } }, StreamViewType: "KEYS_ONLY" },
		});
		const writtenAt = records[0]?.dynamodb?.ApproximateCreationDateTime as number;
		expect(writtenAt).toBeGreaterThanOrEqual(START_MS / 1000);
		expect(writtenAt).toBeLessThan(START_MS / 1000 + 60);
		expect(new Set(records.map((record) => record.eventID)).size).toBe(3);
	});

	test("keeps the regions apart", async () => {
		await put("item#west", 1, WEST);
		await delivery.drained();
		expect(calls.map((call) => [call.region, keysOf(call.records)])).toEqual([[WEST, ["item#west"]]]);
	});

	test("does nothing for writes that no mapping wants but to remember that they were seen", async () => {
		await put("fence", 1);
		await delivery.drained();
		expect(calls).toEqual([]);
		expect(new Checkpoints(state).consumed(EAST, TableName.Data)).toBe(1);
	});

	test("repeats a batch that failed, later and in order, and cuts a stream into batches", async () => {
		answers = [() => ({ ok: false, errorType: "Boom", errorMessage: "no" }), () => ({ ok: false, errorType: "Boom", errorMessage: "no" })];
		for (let n = 0; n < 23; n += 1) await put(`item#${n % 4}`, n);
		await delivery.drained();
		const sizes = calls.map((call) => call.records.length);
		expect(Math.max(...sizes)).toBeLessThanOrEqual(mapping.batchSize);
		expect(sequenceOf(calls[1]?.records[0])).toBe("1");
		expect(sequenceOf(calls[2]?.records[0])).toBe("1");
		const rest = calls.slice(2).flatMap((call) => call.records.map((record) => Number(sequenceOf(record))));
		expect(rest).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
	});

	test("goes back to the lowest record that the function could not take", async () => {
		for (let n = 0; n < 5; n += 1) await put(`item#${n}`, n);
		await delivery.drained();
		const before = delivered().length;
		answers = [
			(records) => {
				const batchItemFailures = [records.at(3), records.at(1)].map((record) => ({ itemIdentifier: sequenceOf(record) }));
				return { ok: true, payload: { batchItemFailures } };
			},
		];
		const activity = cloud.clock.begin("writes without a pause of the clock between them");
		for (let n = 0; n < 5; n += 1) await put(`item#${n}`, n + 5);
		activity.end();
		await delivery.drained();
		expect(delivered().slice(before)).toEqual(["6", "7", "8", "9", "10", "7", "8", "9", "10"]);
	});

	test("a failure that names no record of the batch repeats all of it", async () => {
		answers = [() => ({ ok: true, payload: { batchItemFailures: [{ itemIdentifier: "" }] } })];
		await put("item#a", 1);
		await delivery.drained();
		expect(delivered()).toEqual(["1", "1"]);
	});

	test("goes on from its checkpoint after a restart, with nothing lost", async () => {
		await put("item#a", 1);
		await delivery.drained();
		await delivery.stop();
		await put("item#a", 2);
		delivery = createDelivery();
		delivery.start();
		await delivery.drained();
		expect(delivered()).toEqual(["1", "2"]);
	});

	test("waits for an engine that is away", async () => {
		await put("item#a", 1);
		cloud.engines.kill(EAST);
		await delivery.drained();
		expect(delivered()).toEqual(["1"]);
	});
});
