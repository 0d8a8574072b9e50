import { beforeEach, describe, expect, test } from "vitest";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { administer } from "#lambdas/administer/administer.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { FakePorts, IRELAND, migrationRecord, NOW_MS, partitionRecord, TOKYO, VIRGINIA } from "#test/unit/administer/fake-ports.ts";

let ports: FakePorts;
let reported: unknown[];

beforeEach(async () => {
	ports = new FakePorts();
	reported = [];
	await ports.metadata.create(partitionRecord("acme"));
});

async function call(method: string, target: string, body?: unknown) {
	const url = new URL(`/admin/v1/${target}`, "http://admin.example");
	const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
	const request = { method, path: url.pathname, query: url.searchParams, body: text };
	const response = await administer(ports, request, (error) => reported.push(error));
	return { status: response.status, headers: response.headers, body: response.body as Record<string, unknown> };
}

describe("partitions", () => {
	test("are shown, and 404 when unknown", async () => {
		expect(await call("GET", "partitions/acme")).toMatchObject({ status: 200, body: { partition: "acme", leader: IRELAND } });
		expect(await call("GET", "partitions/nobody")).toMatchObject({ status: 404, body: { code: "partition.unknown" } });
		expect(await call("GET", "partitions/a%20b")).toMatchObject({ status: 400, body: { code: "partition.invalid" } });
		expect(await call("GET", "partitions/%E0%A4%A")).toMatchObject({ status: 400, body: { code: "path.invalid-encoding" } });
	});

	test("are filtered by home, phase and prefix, and every one is listed once over all pages", async () => {
		const names = Array.from({ length: 25 }, (_, n) => `tenant-${n}`);
		for (const [n, name] of names.entries()) await ports.metadata.create(partitionRecord(name, { leader: n % 2 === 0 ? TOKYO : IRELAND }));
		const seen: string[] = [];
		let cursor: unknown;
		do {
			const more = cursor === undefined ? "" : `&cursor=${String(cursor)}`;
			const { body } = await call("GET", `partitions?home=${TOKYO}&prefix=tenant&phase=active&limit=4${more}`);
			seen.push(...(body["partitions"] as { partition: string }[]).map(({ partition }) => partition));
			cursor = body["cursor"];
		} while (cursor !== undefined);
		expect(seen.toSorted()).toEqual(names.filter((_, n) => n % 2 === 0).toSorted());
	});

	test("tell where their copies were and when", async () => {
		const partition = partitionId("acme");
		const note = { partition, region: TOKYO, cause: "acme-e1" } as const;
		await ports.migrations.noteCopy({ ...note, event: "begins", atMs: NOW_MS + 1 });
		await ports.migrations.noteCopy({ ...note, event: "ended", atMs: NOW_MS + 9 });
		const { status, body } = await call("GET", "partitions/acme/copies");
		expect(status).toBe(200);
		expect(body["copies"]).toContainEqual({ region: TOKYO, fromMs: NOW_MS + 1, toMs: NOW_MS + 9, because: "acme-e1", endedBy: "acme-e1" });
		expect(body["copies"]).toContainEqual(expect.objectContaining({ region: IRELAND }));
		expect(await call("GET", "partitions/nobody/copies")).toMatchObject({ status: 404 });
	});

	test("refuse a query they do not know", async () => {
		expect(await call("GET", "partitions?colour=blue")).toMatchObject({ status: 400, body: { code: "request.invalid-query" } });
		expect(await call("GET", "partitions?home=europe")).toMatchObject({ status: 400 });
	});

	test("take a pin, a residency rule and a freeze, and lose them again", async () => {
		const set = await call("PATCH", "partitions/acme", { pin: IRELAND, residency: [IRELAND, TOKYO], freeze: true });
		expect(set).toMatchObject({
			status: 200,
			body: { pin: IRELAND, residency: [IRELAND, TOKYO], frozen: true, version: 2, updatedAtMs: NOW_MS },
		});
		const lifted = await call("PATCH", "partitions/acme", { pin: null, residency: null, freeze: false });
		expect(lifted.body).not.toHaveProperty("pin");
		expect(lifted.body).not.toHaveProperty("residency");
		expect(lifted.body).toMatchObject({ frozen: false, version: 3 });
	});

	test("keep what another writer changed meanwhile", async () => {
		ports.metadata.beforeReplace = () => {
			ports.metadata.records.set("acme", partitionRecord("acme", { epoch: 9, version: 2 }));
		};
		expect(await call("PATCH", "partitions/acme", { freeze: true })).toMatchObject({
			status: 200,
			body: { epoch: 9, version: 3, frozen: true },
		});
	});

	test.each([
		[{}, 400, "request.invalid-body"],
		["{", 400, "request.invalid-json"],
		[{ leader: TOKYO }, 400, "request.invalid-body"],
		[{ pin: "sa-east-1" }, 422, "region.unknown"],
		[{ residency: [TOKYO] }, 409, "partition.residency-violated"],
		[{ residency: [IRELAND], pin: TOKYO }, 409, "partition.pin-excluded"],
	])("refuse the change %j with %i %s, and stay as they are", async (change, status, code) => {
		expect(await call("PATCH", "partitions/acme", change)).toMatchObject({ status, body: { code } });
		expect(ports.metadata.records.get("acme")).toEqual(partitionRecord("acme"));
	});

	test("refuse a new residency rule while a migration is under way", async () => {
		await ports.metadata.replace(partitionRecord("acme", { phase: "migrating", migrationId: "m-1", version: 2 }));
		expect(await call("PATCH", "partitions/acme", { residency: [IRELAND] })).toMatchObject({
			status: 409,
			body: { code: "migration.under-way", migrationId: "m-1" },
		});
	});

	test("show forecasts and decisions", async () => {
		expect(await call("GET", "partitions/acme/prediction")).toMatchObject({ status: 404, body: { code: "prediction.none" } });
		const vector = {
			partition: partitionId("acme"),
			madeAtMs: NOW_MS,
			windowHours: 6,
			regions: [IRELAND],
			probabilities: [1],
			expectedAccesses: 4,
			effectiveCount: 2,
		};
		ports.vectors.set("acme", [vector]);
		expect(await call("GET", "partitions/acme/prediction")).toMatchObject({ status: 200, body: { predictions: [vector] } });
		await ports.metadata.create(partitionRecord("acme-2"));
		await ports.metadata.create(partitionRecord("beta"));
		ports.vectors.set("beta", [{ ...vector, partition: partitionId("beta") }]);
		const first = await call("GET", "predictions?limit=2");
		expect(first).toMatchObject({ status: 200, body: { predictions: [{ partition: "acme", predictions: [vector] }] } });
		const { cursor } = first.body as { cursor: string };
		expect((await call("GET", `predictions?limit=2&cursor=${cursor}`)).body).toEqual({
			predictions: [{ partition: "beta", predictions: [expect.anything()] }],
		});
		expect((await call("GET", "predictions?prefix=b")).body).toMatchObject({ predictions: [{ partition: "beta" }] });
		expect(await call("GET", "predictions?limit=0")).toMatchObject({ status: 400 });
		expect(await call("GET", "partitions/acme/decisions")).toMatchObject({ status: 200, body: { decisions: [{ verdict: "stay" }] } });
	});
});

describe("starting a migration", () => {
	const migrationId = migrationIdOf(partitionId("acme"), 3);

	test("to a target is the classic move, started through the state machine", async () => {
		const response = await call("POST", "partitions/acme/migrations", { target: TOKYO, soakSeconds: 5 });
		expect(response).toMatchObject({ status: 202, body: { migrationId }, headers: { location: `/admin/v1/migrations/${migrationId}` } });
		expect(ports.started.get(migrationId)).toEqual({
			migrationId,
			partition: "acme",
			epoch: 3,
			actions: [{ addFollower: TOKYO }, { transferLeadership: TOKYO }, { removeFollower: IRELAND }],
			requestedBy: "operator",
			soakSeconds: 5,
		});
	});

	test("keeps the source as a follower when asked to, and takes explicit actions as they are", async () => {
		await call("POST", "partitions/acme/migrations", { target: TOKYO, keepSource: true, canary: [{ weight: 0.5, holdSeconds: 1 }] });
		expect(ports.started.get(migrationId)).toMatchObject({
			actions: [{ addFollower: TOKYO }, { transferLeadership: TOKYO }],
			canary: [{ weight: 0.5, holdSeconds: 1 }],
		});
		ports.started.clear();
		await call("POST", "partitions/acme/migrations", { actions: [{ addFollower: VIRGINIA }] });
		expect(ports.started.get(migrationId)).toMatchObject({ actions: [{ addFollower: VIRGINIA }] });
	});

	test("as a dry run answers the plan and starts nothing", async () => {
		const response = await call("POST", "partitions/acme/migrations", { target: TOKYO, dryRun: true });
		expect(response).toMatchObject({ status: 200, body: { dryRun: true, plan: { transfer: TOKYO, sync: "full", removals: [IRELAND] } } });
		expect(ports.started.size).toBe(0);
	});

	test("as a dry run tells what it costs and what the forecast says it saves", async () => {
		ports.planning = {
			measureCopy: async () => ({ items: 1000, bytes: 1_000_000, measuredAtMs: NOW_MS }),
			rttMs: (from, to) => (from === to ? 1 : 100),
			controlRegion: VIRGINIA,
		};
		const vector = (windowHours: number, probabilities: readonly number[]) => ({
			partition: partitionId("acme"),
			madeAtMs: NOW_MS,
			windowHours,
			regions: [IRELAND, TOKYO],
			probabilities,
			expectedAccesses: 1000,
			effectiveCount: 10,
		});
		ports.vectors.set("acme", [vector(6, [1, 0]), vector(168, [0.25, 0.75])]);
		const { body } = await call("POST", "partitions/acme/migrations", { target: TOKYO, dryRun: true });
		expect(body).toMatchObject({
			plan: { size: { items: 1000 }, cost: { basis: "measured", writeUnits: expect.any(Number), usd: expect.any(Number) } },
			saving: { windowHours: 168, expectedAccesses: 1000, meanNowMs: 75.25, meanAfterMs: 25.75 },
		});
		expect((body as { saving: { savingMs: number } }).saving.savingMs).toBeCloseTo(49_500, 6);
		expect(ports.started.size).toBe(0);
	});

	test("is refused while one is under way, also one that has not claimed yet", async () => {
		await call("POST", "partitions/acme/migrations", { target: TOKYO });
		expect(await call("POST", "partitions/acme/migrations", { target: VIRGINIA })).toMatchObject({
			status: 409,
			body: { code: "migration.under-way", migrationId },
		});
		await ports.metadata.create(partitionRecord("busy", { phase: "soaking", migrationId: "m-1" }));
		expect(await call("POST", "partitions/busy/migrations", { target: TOKYO })).toMatchObject({
			status: 409,
			body: { code: "migration.under-way", migrationId: "m-1" },
		});
	});

	test.each([
		[{}, 400, "request.invalid-body"],
		[{ target: TOKYO, actions: [{ addFollower: TOKYO }] }, 400, "request.invalid-body"],
		[{ target: TOKYO, soakSeconds: -1 }, 400, "request.invalid-body"],
		[{ target: IRELAND }, 422, "migration.invalid-plan"],
		[{ target: "sa-east-1" }, 422, "migration.invalid-plan"],
		[{ actions: [{ transferLeadership: TOKYO }] }, 422, "migration.invalid-plan"],
	])("refuses %j with %i %s and starts nothing", async (body, status, code) => {
		expect(await call("POST", "partitions/acme/migrations", body)).toMatchObject({ status, body: { code } });
		expect(ports.started.size).toBe(0);
	});

	test("never goes where residency excludes, nor through a freeze", async () => {
		await ports.metadata.create(partitionRecord("bound", { residency: [IRELAND, VIRGINIA] }));
		expect(await call("POST", "partitions/bound/migrations", { target: TOKYO })).toMatchObject({
			status: 409,
			body: { code: "migration.residency" },
		});
		ports.metadata.freeze = { global: true, regions: [] };
		expect(await call("POST", "partitions/acme/migrations", { target: TOKYO })).toMatchObject({
			status: 409,
			body: { code: "migration.frozen" },
		});
		expect(ports.started.size).toBe(0);
	});

	test("of an unknown partition is 404", async () => {
		expect(await call("POST", "partitions/nobody/migrations", { target: TOKYO })).toMatchObject({ status: 404 });
	});
});

describe("migrations", () => {
	test("are listed by state without their plans, and shown whole", async () => {
		await ports.migrations.create(migrationRecord("m-1"));
		await ports.migrations.create(migrationRecord("m-2", { state: "completed", endedAt: "2024-01-01T01:00:00.000Z" }));
		const listed = await call("GET", "migrations?state=running");
		expect(listed.body["migrations"]).toEqual([
			expect.objectContaining({ migrationId: "m-1", partition: "acme", state: "running", stage: "Soak", source: IRELAND, target: TOKYO }),
		]);
		expect((listed.body["migrations"] as object[])[0]).not.toHaveProperty("plan");
		expect(await call("GET", "migrations/m-2")).toMatchObject({ status: 200, body: { plan: { transfer: TOKYO }, state: "completed" } });
		expect(await call("GET", "migrations/m-3")).toMatchObject({ status: 404, body: { code: "migration.unknown" } });
		expect(await call("GET", "migrations?state=odd")).toMatchObject({ status: 400 });
	});

	test("are known from the moment they are started, and say why a claim was refused", async () => {
		const input = JSON.stringify({ migrationId: "m-9", partition: "acme", epoch: 3, actions: [], requestedBy: "operator" });
		const startedAt = "2024-01-01T00:00:00.000Z";
		ports.executions.set("m-9", { running: true, input, startedAt });
		expect(await call("GET", "migrations/m-9")).toMatchObject({
			status: 200,
			body: { migrationId: "m-9", partition: "acme", state: "running", stage: "Plan", startedAt },
		});
		ports.executions.set("m-9", { running: false, input, startedAt, endedAt: startedAt, failure: "MigrationRefusedError: frozen" });
		expect(await call("GET", "migrations/m-9")).toMatchObject({
			status: 200,
			body: { state: "failed", reason: "MigrationRefusedError: frozen", endedAt: startedAt },
		});
	});

	test("that failed without a claim are shown by the next attempt as soon as it is started", async () => {
		await ports.migrations.create(migrationRecord("m-9", { state: "failed", reason: "frozen", restarts: 1 }));
		expect(await call("GET", "migrations/m-9")).toMatchObject({ status: 200, body: { state: "failed", reason: "frozen" } });
		const input = JSON.stringify({ migrationId: "m-9", attempt: 2, partition: "acme", epoch: 3, actions: [], requestedBy: "operator" });
		ports.executions.set("m-9-r2", { running: true, input, startedAt: "2024-01-01T00:00:00.000Z" });
		expect(await call("GET", "migrations/m-9")).toMatchObject({ status: 200, body: { migrationId: "m-9", state: "running", attempt: 2 } });
	});

	test.each([
		["cancel", { stage: "Synchronize", decision: undefined }, 202, undefined],
		["cancel", { stage: "Soak" }, 409, "migration.decided"],
		["rollback", { stage: "Soak" }, 202, undefined],
		["rollback", { stage: "Synchronize", decision: undefined }, 409, "migration.not-decided"],
		["rollback", { stage: "RemoveSource" }, 409, "migration.settling"],
		["rollback", { stage: "Settle", state: "completed" }, 409, "migration.ended"],
	] as const)("%s at %j answers %i %s", async (wish, at, status, code) => {
		const { decision, ...record } = migrationRecord("m-1", at as Partial<ReturnType<typeof migrationRecord>>);
		await ports.migrations.create(decision === undefined ? record : { ...record, decision });
		const response = await call("POST", `migrations/m-1/${wish}`);
		expect(response).toMatchObject({ status, ...(code === undefined ? {} : { body: { code } }) });
		const stored = ports.migrations.records.get("m-1");
		expect(stored?.requested).toBe(status === 202 ? wish : undefined);
		expect(stored?.version).toBe(status === 202 ? 2 : 1);
		if (status === 202) expect(await call("POST", `migrations/m-1/${wish}`)).toMatchObject({ status: 202 });
		expect(ports.migrations.records.get("m-1")?.version).toBe(stored?.version);
	});
});

describe("the deployment", () => {
	test("is frozen and thawed", async () => {
		expect(await call("PUT", "freeze", { global: false, regions: [TOKYO] })).toMatchObject({ status: 200 });
		expect(await call("GET", "freeze")).toMatchObject({ status: 200, body: { global: false, regions: [TOKYO] } });
		expect((await call("GET", "regions")).body["regions"]).toEqual([
			{ id: VIRGINIA, control: true, frozen: false },
			{ id: IRELAND, control: false, frozen: false, dataPlaneUrl: "https://ireland.example" },
			{ id: TOKYO, control: false, frozen: true },
		]);
		expect(await call("PUT", "freeze", { global: "yes" })).toMatchObject({ status: 400 });
		expect(await call("PUT", "freeze", { global: false, regions: ["sa-east-1"] })).toMatchObject({ status: 422 });
	});

	test("is counted", async () => {
		await ports.migrations.create(migrationRecord("m-1"));
		await ports.migrations.create(migrationRecord("m-2", { state: "rolledBack" }));
		expect(await call("GET", "summary")).toMatchObject({
			status: 200,
			body: {
				now: "2024-01-02T03:04:05.000Z",
				partitions: 1,
				leaders: { [IRELAND]: 1 },
				decisions: 7,
				migrations: { running: 1, completed: 0, cancelled: 0, rolledBack: 1, failed: 0 },
			},
		});
	});

	test("forecasts now, or as of a given time", async () => {
		expect(await call("POST", "predictions/run")).toMatchObject({ status: 202, body: { scheduledTime: "2024-01-02T03:04:05.000Z" } });
		await call("POST", "predictions/run", { scheduledTime: "2024-01-01T00:00:00Z" });
		expect(await call("POST", "predictions/run", { scheduledTime: "noon" })).toMatchObject({ status: 400 });
		expect(ports.predictionRuns).toEqual(["2024-01-02T03:04:05.000Z", "2024-01-01T00:00:00Z"]);
	});
});

describe("what goes wrong", () => {
	test("an unreachable store is 503 with Retry-After", async () => {
		ports.metadata.readControl = () => Promise.reject(new UnavailableError("down", { code: "metadata.unavailable" }));
		expect(await call("GET", "partitions/acme")).toMatchObject({
			status: 503,
			headers: { "retry-after": "1", "content-type": "application/problem+json" },
			body: { code: "metadata.unavailable" },
		});
		expect(reported).toEqual([]);
	});

	test("a defect is 500, reported, and tells the caller nothing of the inside", async () => {
		ports.metadata.readControl = () => Promise.reject(new Error("secret"));
		const response = await call("GET", "partitions/acme");
		expect(response).toMatchObject({ status: 500, body: { code: "internal" } });
		expect(JSON.stringify(response)).not.toContain("secret");
		expect(reported).toHaveLength(1);
	});

	test("an unknown path is 404, another method 405", async () => {
		expect(await call("GET", "nothing")).toMatchObject({ status: 404, body: { code: "path.unknown" } });
		expect(await call("PATCH", "summary")).toMatchObject({ status: 405, body: { code: "method.not-allowed" } });
	});

	test("no path, query or body makes it throw or answer 500", async () => {
		const path = fc.oneof(
			fc.webPath(),
			fc.constantFrom("partitions", "partitions/acme", "migrations/m/cancel", "freeze", "partitions/acme/migrations"),
		);
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom("GET", "POST", "PUT", "PATCH"),
				path,
				fc.webQueryParameters(),
				fc.oneof(fc.json(), fc.string()),
				async (method, at, query, body) => {
					const request = { method, path: `/admin/v1/${at}`, query: new URLSearchParams(query), body };
					const { status } = await administer(ports, request, (error) => reported.push(error));
					expect(status).toBeGreaterThanOrEqual(200);
					expect(status).toBeLessThan(500);
				},
			),
		);
		expect(reported).toEqual([]);
	});
});
