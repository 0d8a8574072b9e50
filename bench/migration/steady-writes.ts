import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import type { Samples } from "#bench/benchmark.ts";
import { timedInTurn } from "#bench/local/stopwatch.ts";
import type { MigrationBenchSizes } from "#bench/migration/sizes.ts";
import { DATA_TABLE, HOME, openWorld } from "#bench/migration/world.ts";
import { countWriteUnits } from "#bench/migration/write-units.ts";
import { partitionId } from "#domain/partition/partition-id.ts";

const REF = { partition: partitionId("steady"), bucket: 0 };
const BODY = new TextEncoder().encode("x".repeat(200));
const BASELINE = "an UpdateItem that sets the same body under a condition";
const MAX_UNITS = 1.1;
const MAX_TIME = 1.3;

/** What a write of the data plane's store costs in steady mode, in write units and in time, against the least that DynamoDB could be asked. */
export async function measureSteadyWrites(sizes: MigrationBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("steady writes and bare updates");
	await using stack = new AsyncDisposableStack();
	const world = await openWorld(stack);
	const [subject, bare] = [world.engineClient(HOME), world.engineClient(HOME)];
	const units = { subject: countWriteUnits(subject), bare: countWriteUnits(bare) };
	const store = createRegionalStore({ client: subject, tableName: DATA_TABLE, region: HOME, clock: world.clock });
	let ids = 0;
	const writeSteady = async (): Promise<void> => {
		const nowMs = world.clock.nowMs();
		const write = { key: "subject", content: { body: BODY, contentType: "text/plain" }, precondition: { kind: "none" as const }, nowMs };
		await store.writeSteady(REF, { ...write, requestId: `bench-${++ids}` }, { epoch: 1, validUntilMs: nowMs + 60_000 });
	};
	const { values, baselineValues } = await timedInTurn({ warmUp: sizes.warmUp, count: sizes.writes }, writeSteady, () => updateBare(bare));
	return [
		{
			metric: "time of a steady write",
			unit: "ms",
			values,
			baselineOf: BASELINE,
			baselineValues,
			target: { of: "ratio", is: "at most", limit: MAX_TIME },
		},
		{
			metric: "write units of a steady write",
			unit: "write units",
			values: units.subject.slice(-sizes.writes),
			baselineOf: BASELINE,
			baselineValues: units.bare.slice(-sizes.writes),
			target: { of: "ratio", is: "at most", limit: MAX_UNITS },
		},
	];
}

const updateBare = (client: DynamoDBClient): Promise<unknown> =>
	client.send(
		new UpdateItemCommand({
			TableName: DATA_TABLE,
			Key: { pk: { S: "steady#0" }, sk: { S: "item#bare" } },
			UpdateExpression: "SET body = :body ADD n :one",
			ConditionExpression: "attribute_not_exists(epoch) OR epoch <= :epoch",
			ExpressionAttributeValues: { ":body": { B: BODY }, ":one": { N: "1" }, ":epoch": { N: "1" } },
		}),
	);
