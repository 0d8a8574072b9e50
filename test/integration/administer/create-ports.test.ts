import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Table } from "#adapters/dynamodb/batches.ts";
import { createDecisionStore } from "#adapters/dynamodb/decision-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type Decision, decisionIdOf } from "#domain/placement/decision.ts";
import { administer } from "#lambdas/administer/administer.ts";
import { createPorts } from "#lambdas/administer/create-ports.ts";
import { administerEnvSchema } from "#lambdas/administer/env.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { partitionRecord } from "#test/unit/administer/fake-ports.ts";

const decision = (name: string, decidedAt: string): Decision => ({
	decisionId: decisionIdOf(name, decidedAt),
	partition: partitionId(name),
	decidedAt,
	verdict: "stay",
	reason: "already-best",
	alternatives: [],
	settings: {},
});

const runtime = { clock: new ManualClock(), random: { next: () => 0.5, id: () => "a".repeat(26) }, background: () => {} };

describe.skipIf(!engineAvailable)("the admin API on the real engine", () => {
	let engine: TestEngine;
	let ports: AdminPorts;
	let decisions: Table;
	const saved = { ...process.env };

	beforeAll(async () => {
		engine = await startEngine();
		for (const table of ["metadata", "decisions", "predictions"]) await engine.createTable(table);
		Object.assign(process.env, { AWS_ENDPOINT_URL: engine.endpoint, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
		ports = createPorts(
			administerEnvSchema.parse({
				AWS_REGION: "eu-west-1",
				REGIONS: "eu-west-1,us-east-1",
				CONTROL_REGION: "eu-west-1",
				METADATA_TABLE: "metadata",
				DATA_TABLE: "metadata",
				MIGRATIONS_TABLE: "migrations",
				DECISIONS_TABLE: "decisions",
				PREDICTIONS_TABLE: "predictions",
				CHANGES_TABLE: "changes",
				STATE_TABLE: "state",
				TELEMETRY_TABLE: "telemetry",
				PLACEMENT: "{}",
				RTT_MATRIX: "",
				MIGRATE_STATE_MACHINE_ARN: "arn:migrate",
				PREDICT_STATE_MACHINE_ARN: "arn:predict",
			}),
			runtime,
		);
		decisions = { client: DynamoDBDocumentClient.from(engine.client()), tableName: "decisions", ...runtime };
		await createMetadataStore({
			tableName: "metadata",
			region: ports.controlRegion,
			controlRegion: ports.controlRegion,
			clientFor: () => engine.client(),
			...runtime,
		}).create(partitionRecord("acme"));
	});

	afterAll(async () => {
		process.env = saved;
		await engine.stop();
	});

	const get = async (target: string) => {
		const url = new URL(`/admin/v1/${target}`, "http://admin.example");
		const request = { method: "GET", path: url.pathname, query: url.searchParams, body: "" };
		return (await administer(ports, request, (error) => Promise.reject(error))) as { status: number; body: Record<string, unknown> };
	};

	test("pages through a partition's decisions, newest first", async () => {
		const times = Array.from({ length: 5 }, (_, hour) => `2024-01-01T0${hour}:00:00.000Z`);
		for (const time of times) await createDecisionStore(decisions).writeAll([decision("acme", time), decision("other", time)]);
		const first = await get("partitions/acme/decisions?limit=3");
		const second = await get(`partitions/acme/decisions?limit=3&cursor=${String(first.body["cursor"])}`);
		const seen = [first, second].flatMap(({ body }) => (body["decisions"] as Decision[]).map(({ decidedAt }) => decidedAt));
		expect(seen).toEqual(times.toReversed());
		expect(second.body).not.toHaveProperty("cursor");
	});

	test("counts the decisions of all partitions, a repeated run once", async () => {
		const before = await ports.decisions.count();
		const run = [decision("a", "2024-02-01T00:00:00.000Z"), decision("b", "2024-02-01T00:00:00.000Z")];
		await createDecisionStore(decisions).writeAll(run);
		await createDecisionStore(decisions).writeAll(run);
		expect(await ports.decisions.count()).toBe(before + 2);
	});

	test("says which regions answer", async () => {
		expect((await get("regions?health=true")).body["regions"]).toMatchObject([
			{ id: "eu-west-1", health: { reachable: true, answerMs: 0 } },
			{ id: "us-east-1", health: { reachable: true } },
		]);
		expect((await get("regions")).body["regions"]).not.toContainEqual(expect.objectContaining({ health: expect.anything() }));
	});

	test("reads records and says when there is no forecast", async () => {
		expect(await get("partitions/acme")).toMatchObject({ status: 200, body: { partition: "acme" } });
		expect(await get("partitions?prefix=ac")).toMatchObject({ status: 200, body: { partitions: [{ partition: "acme" }] } });
		expect(await get("partitions/acme/prediction")).toMatchObject({ status: 404, body: { code: "prediction.none" } });
	});
});
