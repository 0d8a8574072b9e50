import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { type Engine, startEngine } from "#test/integration/metadata/engine.ts";

const TABLE = "heliotrope-test-metadata";
const near = regionId("eu-west-1");
const control = regionId("us-east-1");
let engines: Record<string, Engine>;
let store: MetadataStore;

beforeAll(async () => {
	const [nearEngine, controlEngine] = await Promise.all([startEngine(TABLE), startEngine(TABLE)]);
	engines = { [near]: nearEngine, [control]: controlEngine };
	store = createMetadataStore({ tableName: TABLE, region: near, controlRegion: control, clientFor: (region) => engineOf(region).client() });
});
afterAll(() => Promise.all(Object.values(engines).map((engine) => engine.stop())));

const engineOf = (region: string): Engine => {
	const engine = engines[region];
	if (engine === undefined) throw new Error(`no engine for ${region}`);
	return engine;
};

const record = (name: string, more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: partitionId(name),
	leader: near,
	followers: [],
	epoch: 1,
	phase: "active",
	buckets: 2,
	version: 1,
	createdAtMs: 1,
	updatedAtMs: 1,
	leaderSinceMs: 1,
	...more,
});

test("a record is created once, at the control region, and the loser learns who won", async () => {
	const outcomes = await Promise.all([near, control].map((leader) => store.create(record("acme", { leader }))));
	expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(["conflict", "written"]);
	const winner = await store.readControl(partitionId("acme"));
	expect(outcomes).toContainEqual({ kind: "conflict", current: winner });
	expect(await store.readNearest(partitionId("acme"))).toBeUndefined();
});

test("creating the very same record again counts as written: an answer may have been lost", async () => {
	const same = record("repeat", { segment: "office" });
	expect((await store.create(same)).kind).toBe("written");
	expect(await store.create({ ...same, canary: undefined } as PartitionRecord)).toMatchObject({ kind: "written" });
});

test("a replacement applies only to the version before it, and absent fields vanish", async () => {
	const first = record("versions", { canary: { target: control, weight: 0.1 }, residency: [near, control] });
	await store.create(first);
	const { canary: _, ...next } = { ...first, version: 2, updatedAtMs: 2 };
	expect(await store.replace(next)).toEqual({ kind: "written", record: next });
	expect(await store.readControl(first.partition)).toEqual(next);
	expect(await store.replace({ ...next, epoch: 7 })).toEqual({ kind: "conflict", current: next });
	expect(await store.replace(record("never-created", { version: 2 }))).toEqual({ kind: "conflict", current: undefined });
});

test("concurrent replacements: exactly one wins", async () => {
	const first = record("race");
	await store.create(first);
	const outcomes = await Promise.all([2, 3, 4, 5].map((epoch) => store.replace({ ...first, version: 2, epoch })));
	expect(outcomes.filter((outcome) => outcome.kind === "written")).toHaveLength(1);
});

test("listing pages through every record and skips the freeze switches", async () => {
	await store.writeFreeze({ global: false, regions: [near] });
	for (let index = 0; index < 7; index += 1) await store.create(record(`listed-${index}`));
	const seen: string[] = [];
	let cursor: string | undefined;
	do {
		const page = await store.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
		seen.push(...page.records.map(({ partition }) => partition));
		cursor = page.cursor;
	} while (cursor !== undefined);
	expect(seen.filter((name) => name.startsWith("listed-")).sort()).toEqual(Array.from({ length: 7 }, (_, index) => `listed-${index}`));
	expect(new Set(seen).size).toBe(seen.length);
	await expect(store.list({ limit: 3, cursor: "nonsense" })).rejects.toMatchObject({ code: "cursor.invalid" });
});

test("the freeze switches default to off and are read back", async () => {
	const empty = createMetadataStore({
		tableName: TABLE,
		region: near,
		controlRegion: near,
		clientFor: (region) => engineOf(region).client(),
	});
	expect(await empty.readFreeze()).toEqual({ global: false, regions: [] });
	await store.writeFreeze({ global: true, regions: [control] });
	expect(await store.readFreeze()).toEqual({ global: true, regions: [control] });
});

test("a record of another shape is an error that names it", async () => {
	await engineOf(control)
		.client()
		.send(new PutItemCommand({ TableName: TABLE, Item: { pk: { S: "P#odd" }, sk: { S: "record" }, leader: { S: "nowhere" } } }));
	await expect(store.readControl(partitionId("odd"))).rejects.toMatchObject({ code: "metadata.invalid", retryable: false });
});

test("an unreachable control region is unavailable, not a crash", async () => {
	const lost = await startEngine(TABLE);
	const client = lost.client();
	const store = createMetadataStore({ tableName: TABLE, region: near, controlRegion: near, clientFor: () => client });
	await lost.stop();
	await expect(store.readControl(partitionId("acme"))).rejects.toBeInstanceOf(UnavailableError);
	await expect(store.create(record("acme"))).rejects.toMatchObject({ code: "metadata.unavailable", retryable: true });
});
