import { beforeEach, describe, expect, test } from "vitest";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { describeChange } from "#domain/partition/metadata-change.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { administer } from "#lambdas/administer/administer.ts";
import { FakePorts, IRELAND, migrationRecord, NOW_MS, partitionRecord, TOKYO, VIRGINIA } from "#test/unit/administer/fake-ports.ts";

let ports: FakePorts;

beforeEach(async () => {
	ports = new FakePorts();
	await ports.metadata.create(partitionRecord("acme", { epoch: 9 }));
});

async function call(method: string, target: string, body?: unknown, lastEventId?: string) {
	const url = new URL(`/admin/v1/${target}`, "http://admin.example");
	const request = {
		method,
		path: url.pathname,
		query: url.searchParams,
		body: body === undefined ? "" : JSON.stringify(body),
		lastEventId,
	};
	const response = await administer(ports, request, (error) => {
		throw error;
	});
	return { ...response, body: response.body as Record<string, unknown> };
}

describe("the freeze", () => {
	test("changes switch by switch, the others stay", async () => {
		await call("PUT", "freeze", { global: false, regions: [TOKYO] });
		expect((await call("PATCH", "freeze", { freezeRegions: [IRELAND] })).body).toEqual({ global: false, regions: [TOKYO, IRELAND] });
		expect((await call("PATCH", "freeze", { global: true, unfreezeRegions: [TOKYO] })).body).toEqual({ global: true, regions: [IRELAND] });
		expect(ports.metadata.freeze).toEqual({ global: true, regions: [IRELAND] });
	});

	test.each([
		[{}, 400, "request.invalid-body"],
		[{ freezeRegions: ["mars"] }, 400, "request.invalid-body"],
		[{ unfreezeRegions: ["sa-east-1"] }, 422, "region.unknown"],
	])("refuses %j with %i %s", async (change, status, code) => {
		expect(await call("PATCH", "freeze", change)).toMatchObject({ status, body: { code } });
		expect(ports.metadata.freeze).toEqual({ global: false, regions: [] });
	});
});

test("regions tell their health when asked", async () => {
	ports.lost.add(TOKYO);
	expect((await call("GET", "regions?health=true")).body["regions"]).toMatchObject([
		{ id: VIRGINIA, health: { reachable: true, answerMs: 12 } },
		{ id: IRELAND, health: { reachable: true } },
		{ id: TOKYO, health: { reachable: false } },
	]);
});

test("recovery runs when asked, and says what it did", async () => {
	expect(await call("POST", "migrations/recover")).toMatchObject({ status: 200, body: { open: 2, restarted: ["m-1-r1"], stuck: [] } });
});

test("the migrations of one partition are listed newest first, each once over all pages", async () => {
	const acme = partitionId("acme");
	const epochs = [1, 2, 5, 6, 8];
	for (const epoch of epochs) {
		await ports.migrations.create(migrationRecord(migrationIdOf(acme, epoch), { epoch, state: epoch === 8 ? "running" : "completed" }));
	}
	await ports.migrations.create(migrationRecord(migrationIdOf(partitionId("other"), 4), { epoch: 4 }));
	const seen: number[] = [];
	let cursor = "";
	do {
		const { body } = await call("GET", `migrations?partition=acme&limit=2${cursor}`);
		seen.push(...(body["migrations"] as { epoch: number }[]).map(({ epoch }) => epoch));
		cursor = body["cursor"] === undefined ? "" : `&cursor=${String(body["cursor"])}`;
	} while (cursor !== "");
	expect(seen).toEqual(epochs.toReversed());
	expect((await call("GET", "migrations?partition=acme&state=running")).body["migrations"]).toMatchObject([{ epoch: 8 }]);
	expect(await call("GET", "migrations?partition=acme&cursor=x")).toMatchObject({ status: 400, body: { code: "cursor.invalid" } });
	expect((await call("GET", "migrations?partition=nobody")).body).toEqual({ migrations: [] });
});

describe("the stream", () => {
	/** The events of an answer, as a browser's EventSource reads them. */
	const eventsOf = (body: unknown) =>
		String(body)
			.split("\n\n")
			.filter((block) => block.includes("event:"))
			.map((block) => {
				const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
				return { id: fields.get("id"), event: fields.get("event"), data: JSON.parse(fields.get("data") ?? "null") };
			});

	test("begins with what is under way, and then tells what has changed since", async () => {
		await ports.migrations.create(migrationRecord("m-1", { stage: "Soak" }));
		await ports.migrations.create(migrationRecord("m-2", { state: "completed", endedAt: new Date(NOW_MS - 60_000).toISOString() }));
		const first = await call("GET", "stream");
		expect(first).toMatchObject({
			status: 200,
			headers: { "content-type": "text/event-stream" },
			body: expect.stringMatching(/^retry: \d+\n\n/),
		});
		expect(eventsOf(first.body)).toMatchObject([
			{ id: `${NOW_MS}-0`, event: "freeze", data: { global: false } },
			{ event: "migration", data: { migrationId: "m-1", stage: "Soak" } },
		]);
		const after = await call("GET", "stream", undefined, String(NOW_MS - 120_000));
		expect(eventsOf(after.body)).toMatchObject([
			{ event: "freeze" },
			{ event: "migration", data: { migrationId: "m-2", state: "completed" } },
		]);
		expect(eventsOf((await call("GET", "stream", undefined, String(NOW_MS))).body)).toMatchObject([{ event: "freeze" }]);
		expect(await call("GET", "stream", undefined, "yesterday")).toMatchObject({ status: 400 });
	});

	test("tells what the change feed has of partitions since the last answer, and begins again where that is not kept", async () => {
		const told = (name: string) => ({ atMs: NOW_MS, change: describeChange(undefined, partitionRecord(name)) });
		await ports.changes.append([told("before")]);
		const [freeze] = eventsOf((await call("GET", "stream")).body);
		expect(freeze?.id).toBe(`${NOW_MS}-1`);
		await ports.changes.append([told("acme"), { atMs: NOW_MS, change: { kind: "freeze", global: true, regions: [] } }]);
		const next = eventsOf((await call("GET", "stream", undefined, freeze?.id)).body);
		expect(next).toMatchObject([
			{ event: "freeze" },
			{ event: "partition", id: `${NOW_MS}-3`, data: { position: 2, partition: "acme", leader: IRELAND, at: expect.any(String) } },
		]);
		ports.changes.forget(2);
		const late = eventsOf((await call("GET", "stream", undefined, `${NOW_MS}-1`)).body);
		expect(late).toMatchObject([{ event: "freeze" }, { event: "reset", id: `${NOW_MS}-3` }]);
	});
});

describe("the change feed", () => {
	const told = (name: string) => ({ atMs: NOW_MS, change: describeChange(undefined, partitionRecord(name)) });

	test("says first where it is, and then what has happened since, page by page", async () => {
		expect((await call("GET", "changes")).body).toEqual({ changes: [], cursor: "0" });
		await ports.changes.append(["a", "b", "c"].map(told));
		const first = (await call("GET", "changes?after=0&limit=2")).body;
		expect(first).toMatchObject({ changes: [{ position: 1, kind: "partition", partition: "a" }, { position: 2 }], cursor: "2" });
		expect((await call("GET", "changes?after=2")).body).toMatchObject({ changes: [{ partition: "c" }], cursor: "3" });
		expect((await call("GET", "changes?after=3")).body).toEqual({ changes: [], cursor: "3" });
	});

	test("tells a reader who comes too late where to go on, and refuses what is no position", async () => {
		await ports.changes.append(["a", "b"].map(told));
		ports.changes.forget(1);
		expect(await call("GET", "changes?after=0")).toMatchObject({ status: 410, body: { code: "changes.gone", cursor: "2" } });
		for (const query of ["after=-1", "after=x", "limit=0", "since=1"])
			expect(await call("GET", `changes?${query}`)).toMatchObject({ status: 400, body: { code: "request.invalid-query" } });
	});
});

describe("orphans", () => {
	const orphan = (name: string, lastSeenAtMs: number) => ({
		region: TOKYO,
		partition: partitionId(name),
		kind: "not-in-record" as const,
		role: "follower" as const,
		epoch: 2,
		firstSeenAtMs: NOW_MS - 90_000,
		lastSeenAtMs,
	});

	test("are listed while the last whole walk, or the one under way, has met them", async () => {
		const walk = { startedAtMs: NOW_MS - 60_000, region: TOKYO, buckets: 12, skipped: [] };
		ports.walks = { last: { ...walk, finishedAtMs: NOW_MS - 30_000 } };
		ports.reports.push(orphan("seen", NOW_MS - 50_000), orphan("gone", NOW_MS - 80_000));
		ports.reports.push({ ...orphan("removed", NOW_MS - 50_000), removedAtMs: NOW_MS });
		const { body } = await call("GET", "orphans");
		expect(body).toMatchObject({ orphans: [{ partition: "seen", region: TOKYO, kind: "not-in-record" }], buckets: 12 });
		expect(body["completeAsOf"]).toBe(new Date(NOW_MS - 60_000).toISOString());
		ports.walks = { last: { ...walk, skipped: [TOKYO], finishedAtMs: NOW_MS - 30_000 } };
		expect((await call("GET", "orphans")).body["orphans"]).toMatchObject([{ partition: "seen" }, { partition: "gone" }]);
		expect((await call("POST", "orphans/scan")).body).toMatchObject({ finished: true, buckets: 4, orphans: [{}, {}, {}] });
	});

	test("are removed in as many requests as it takes, or refused with the reason", async () => {
		const remove = (body: unknown) => call("POST", "partitions/acme/orphans/remove", body);
		ports.removals.push({ kind: "again" }, { kind: "removed" });
		ports.removals.push({ kind: "refused", code: "orphan.unknown", reason: "r" }, { kind: "refused", code: "orphan.leads", reason: "r" });
		expect(await remove({ region: TOKYO })).toMatchObject({ status: 202, body: { removed: false } });
		expect(await remove({ region: TOKYO })).toMatchObject({ status: 200, body: { removed: true } });
		expect(await remove({ region: TOKYO })).toMatchObject({ status: 404, body: { code: "orphan.unknown" } });
		expect(await remove({ region: TOKYO })).toMatchObject({ status: 409, body: { code: "orphan.leads" } });
		expect(await remove({ region: "sa-east-1" })).toMatchObject({ status: 422, body: { code: "region.unknown" } });
		expect(await remove({})).toMatchObject({ status: 400 });
	});
});
