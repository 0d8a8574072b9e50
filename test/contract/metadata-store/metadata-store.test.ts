import { type DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { Draws } from "#simulation/draws.ts";
import { ReplicatedMetadata } from "#simulation/stores/replicated-metadata.ts";
import { VirtualTime } from "#simulation/virtual-time.ts";
import { EU, US } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MemoryMetadata } from "#test/__helpers__/memory-metadata-store.ts";

const TABLE = "metadata";
const [NEAR, CONTROL] = [EU, US];

/** One implementation: the client of a region that is not the control region, and how what was written reaches that region's copy. */
interface Candidate {
	readonly store: MetadataStore;
	replicate(): Promise<void>;
}

const record = (name: string, more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: partitionId(name),
	leader: NEAR,
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

async function listAll(store: MetadataStore, limit: number): Promise<readonly PartitionRecord[]> {
	const seen: PartitionRecord[] = [];
	let cursor: string | undefined;
	do {
		const page = await store.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
		expect(page.records.length).toBeLessThanOrEqual(limit);
		seen.push(...page.records);
		cursor = page.cursor;
	} while (cursor !== undefined);
	return seen;
}

function describeMetadata(name: string, candidate: () => Candidate): void {
	describe(`the metadata: ${name}`, () => {
		it("creates a record once, at the control region, and tells the loser who won", async () => {
			const { store } = candidate();
			const outcomes = await Promise.all([NEAR, CONTROL].map((leader) => store.create(record("acme", { leader }))));
			expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["conflict", "written"]);
			const winner = await store.readControl(partitionId("acme"));
			expect(winner).toBeDefined();
			expect(outcomes).toContainEqual({ kind: "conflict", current: winner });
		});

		it("reads the nearest copy as it is: behind until it has been replicated, and silent about what has not come yet", async () => {
			const { store, replicate } = candidate();
			const first = record("lagging");
			await store.create(first);
			expect(await store.readNearest(first.partition)).toBeUndefined();
			expect(await store.readControl(first.partition)).toEqual(first);
			await replicate();
			await store.replace({ ...first, version: 2, epoch: 2 });
			expect(await store.readNearest(first.partition)).toEqual(first);
			expect(await store.readControl(first.partition)).toMatchObject({ version: 2, epoch: 2 });
		});

		it("takes the very same record again for written: an answer may have been lost", async () => {
			const { store } = candidate();
			const same = record("repeat", { segment: "office" });
			expect((await store.create(same)).kind).toBe("written");
			expect((await store.create({ ...same })).kind).toBe("written");
			const next = { ...same, version: 2, frozen: true };
			expect((await store.replace(next)).kind).toBe("written");
			expect((await store.replace({ ...next })).kind).toBe("written");
			expect((await store.create(same)).kind).toBe("conflict");
		});

		it("replaces only the version before, and absent fields vanish", async () => {
			const { store } = candidate();
			const first = record("versions", { canary: { target: CONTROL, weight: 0.1 }, residency: [NEAR, CONTROL] });
			await store.create(first);
			const { canary: _, ...next } = { ...first, version: 2, updatedAtMs: 2 };
			expect(await store.replace(next)).toEqual({ kind: "written", record: next });
			expect(await store.readControl(first.partition)).toEqual(next);
			expect(await store.replace({ ...next, epoch: 7 })).toEqual({ kind: "conflict", current: next });
			expect(await store.replace({ ...next, version: 5 })).toEqual({ kind: "conflict", current: next });
			expect(await store.replace(record("never-created", { version: 2 }))).toEqual({ kind: "conflict", current: undefined });
		});

		it("lets exactly one of many replacements win", async () => {
			const { store } = candidate();
			const first = record("race");
			await store.create(first);
			const outcomes = await Promise.all([2, 3, 4, 5].map((epoch) => store.replace({ ...first, version: 2, epoch })));
			expect(outcomes.filter(({ kind }) => kind === "written")).toHaveLength(1);
		});

		it("answers every partition of a batch, and says so of those it does not have", async () => {
			const { store, replicate } = candidate();
			const records = Array.from({ length: 104 }, (_, index) => record(`many:${index}`));
			await Promise.all(records.map((one) => store.create(one)));
			await replicate();
			const late = record("many:late");
			await store.create(late);
			const none = partitionId("many:none");
			const asked = [...records.map(({ partition }) => partition), none, late.partition, none];
			const read = await store.readMany(asked);
			expect([...read.keys()]).toEqual([...new Set(asked)]);
			for (const one of records) expect(read.get(one.partition)).toEqual(one);
			expect([read.has(none), read.get(none), read.get(late.partition)]).toEqual([true, undefined, late]);
			expect(await store.readMany([])).toEqual(new Map());
			const frozen = { global: false, regions: [NEAR] };
			await store.writeFreeze(frozen);
			expect(await store.readManyAndFreeze(asked)).toEqual({ records: read, freeze: frozen });
			expect(await store.readManyAndFreeze([])).toEqual({ records: new Map(), freeze: frozen });
		});

		it("lists every record once, page by page, and skips the freeze switches", async () => {
			const { store } = candidate();
			await store.writeFreeze({ global: false, regions: [NEAR] });
			for (let index = 0; index < 7; index += 1) await store.create(record(`listed-${index}`));
			const names = (await listAll(store, 3)).map(({ partition }) => String(partition));
			expect(names.filter((one) => one.startsWith("listed-")).sort()).toEqual(Array.from({ length: 7 }, (_, index) => `listed-${index}`));
			expect(new Set(names).size).toBe(names.length);
			await expect(store.list({ limit: 3, cursor: "nonsense" })).rejects.toMatchObject({ code: "cursor.invalid", retryable: false });
		});

		it("keeps the freeze switches", async () => {
			const { store } = candidate();
			await store.writeFreeze({ global: true, regions: [CONTROL] });
			expect(await store.readFreeze()).toEqual({ global: true, regions: [CONTROL] });
			await store.writeFreeze({ global: false, regions: [] });
			expect(await store.readFreeze()).toEqual({ global: false, regions: [] });
		});
	});
}

const memory = new MemoryMetadata();
describeMetadata("in memory", () => ({ store: memory.store(), replicate: async () => memory.replicate() }));

const time = new VirtualTime();
const simulated = new ReplicatedMetadata({ time, draws: new Draws(1), regions: [CONTROL, NEAR], delayMs: 1000 });
describeMetadata("simulated", () => ({
	store: simulated.table(NEAR),
	replicate: async () => {
		await time.run(() => time.sleep(1001));
	},
}));

describe.skipIf(!engineAvailable)("on real engines, one a region", () => {
	let engines: Readonly<Record<string, TestEngine>>;
	const clientOf = (region: string): DynamoDBClient => {
		const engine = engines[region];
		if (engine === undefined) throw new Error(`no engine for ${region}`);
		return engine.client();
	};
	const options = { tableName: TABLE, controlRegion: CONTROL, clientFor: clientOf, clock: new ManualClock() };
	let store: MetadataStore;
	beforeAll(async () => {
		const [near, control] = await Promise.all([startEngine(), startEngine()]);
		engines = { [NEAR]: near, [CONTROL]: control };
		await Promise.all([near.createTable(TABLE), control.createTable(TABLE)]);
		store = createMetadataStore({ ...options, region: NEAR });
	});
	afterAll(() => Promise.all(Object.values(engines).map((engine) => engine.stop())));

	const replicate = async (): Promise<void> => {
		const { Items = [] } = await clientOf(CONTROL).send(new ScanCommand({ TableName: TABLE }));
		for (const Item of Items) await clientOf(NEAR).send(new PutItemCommand({ TableName: TABLE, Item }));
	};
	describeMetadata("DynamoDB", () => ({ store, replicate }));

	it("has nothing frozen before the switches are first set", async () => {
		expect(await createMetadataStore({ ...options, region: NEAR, controlRegion: NEAR }).readFreeze()).toMatchObject({ global: false });
	});

	it("names a record that has another shape", async () => {
		const Item = { pk: { S: "P#odd" }, sk: { S: "record" }, leader: { S: "nowhere" } };
		await clientOf(CONTROL).send(new PutItemCommand({ TableName: TABLE, Item }));
		await expect(store.readControl(partitionId("odd"))).rejects.toMatchObject({ code: "metadata.invalid", retryable: false });
	});

	it("is unavailable, not broken, where the control region cannot be reached", async () => {
		const lost = await startEngine();
		const client = lost.client();
		const cut = createMetadataStore({ ...options, region: NEAR, controlRegion: NEAR, clientFor: () => client });
		await lost.stop();
		await expect(cut.readControl(partitionId("acme"))).rejects.toBeInstanceOf(UnavailableError);
		await expect(cut.readMany([partitionId("acme")])).rejects.toBeInstanceOf(UnavailableError);
		await expect(cut.create(record("acme"))).rejects.toMatchObject({ code: "metadata.unavailable", retryable: true });
	});
});
