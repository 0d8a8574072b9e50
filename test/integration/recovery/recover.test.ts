import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOpenPromotions } from "#adapters/dynamodb/open-promotions.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { OpenPromotions } from "#domain/ports/open-promotions.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { RUNTIME_SLOT } from "#lambdas/shared/runtime.ts";
import { createTables } from "#local/engines/create-tables.ts";
import { EngineClient } from "#local/engines/engine-client.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const HOME = regionId("us-east-1");
const STAGE = "test";
const [OLD, NEW] = [partitionId("promoted:long-ago"), partitionId("promoted:now")];
const HOUR_MS = 3_600_000;

describe.skipIf(!engineAvailable)("a run of recovery on a real engine", () => {
	let engine: TestEngine;
	let tables: EngineClient;
	let open: OpenPromotions;
	const clock = new ManualClock(Date.parse("2024-03-04T05:00:00Z"));
	const random = { next: () => 0.5, id: () => "a".repeat(26) };

	beforeAll(async () => {
		engine = await startEngine();
		tables = new EngineClient(() => engine.endpoint);
		await createTables(tables, HOME, { stage: STAGE, controlRegion: HOME });
		Object.assign(process.env, {
			AWS_REGION: HOME,
			AWS_ACCESS_KEY_ID: "test",
			AWS_SECRET_ACCESS_KEY: "test",
			AWS_ENDPOINT_URL: engine.endpoint,
			STAGE,
			REGIONS: HOME,
			CONTROL_REGION: HOME,
			METADATA_TABLE: tableName(STAGE, TableName.Metadata),
			DATA_TABLE: tableName(STAGE, TableName.Data),
			MIGRATIONS_TABLE: tableName(STAGE, TableName.Migrations),
			DECISIONS_TABLE: tableName(STAGE, TableName.Decisions),
			MIGRATE_STATE_MACHINE_ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:migrate",
		});
		(globalThis as Record<symbol, unknown>)[RUNTIME_SLOT] = { clock, random, background: () => {} };
		const client = DynamoDBDocumentClient.from(engine.client());
		open = createOpenPromotions({ client, tableName: tableName(STAGE, TableName.Decisions), clock, random });
	});
	afterAll(async () => {
		delete (globalThis as Record<symbol, unknown>)[RUNTIME_SLOT];
		tables.close();
		await engine.stop();
	});

	it("looks at what promotions have left open, and forgets what has nothing left to do", async () => {
		await open.note(OLD, clock.nowMs() - 2 * HOUR_MS);
		await open.note(NEW, clock.nowMs());
		const { handler } = await import("#lambdas/reconcile-migrations/handler.ts");
		await expect(handler({ sweeps: false }, {} as Context)).resolves.toMatchObject({ open: 0, restarted: [] });
		expect((await open.list({ limit: 10 })).entries.map(({ partition }) => partition)).toEqual([NEW]);
	});
});
