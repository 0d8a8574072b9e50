import type { ExecutionView } from "#adapters/step-functions/execution-reader.ts";
import { regionId } from "#domain/geography/region-id.ts";
import type { PromotionOutcome } from "#domain/migration/promotion/promote.ts";
import type { ReclaimOutcome } from "#domain/migration/promotion/reclaim.ts";
import type { MigrationRecord, MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import type { Orphan, Walks } from "#domain/orphans/orphan.ts";
import type { RemovalOutcome } from "#domain/orphans/remove-orphan.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { CursorKeyView } from "#domain/ports/cursor-keys.ts";
import type { EventStore } from "#domain/ports/event-store.ts";
import type { Freeze, MetadataStore } from "#domain/ports/metadata-store.ts";
import type { CopyEvent, MigrationStore } from "#domain/ports/migration-store.ts";
import type { ExternalEvent } from "#domain/prediction/external/event.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import type { ModelInUse, Verdict } from "#domain/prediction/training/verdict.ts";
import type { AdminPorts, OrphanAdmin, PromotionAdmin } from "#lambdas/administer/ports.ts";
import { MemoryLostWrites } from "#simulation/stores/memory-lost-writes.ts";
import { MemoryMetadataChanges } from "#simulation/stores/memory-metadata-changes.ts";
import { memoryMetadataStore } from "#simulation/stores/memory-metadata-store.ts";

export const VIRGINIA = regionId("us-east-1");
export const IRELAND = regionId("eu-west-1");
export const TOKYO = regionId("ap-northeast-1");
export const NOW_MS = Date.UTC(2024, 0, 2, 3, 4, 5);

/** A settled partition led by Ireland. */
export const partitionRecord = (name: string, more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: partitionId(name),
	leader: IRELAND,
	followers: [],
	epoch: 3,
	phase: "active",
	buckets: 2,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
	...more,
});

/** A migration of `acme` from Ireland to Tokyo, soaking unless told otherwise. */
export const migrationRecord = (migrationId: string, more: Partial<MigrationRecord> = {}): MigrationRecord => ({
	migrationId,
	partition: partitionId("acme"),
	source: IRELAND,
	target: TOKYO,
	epoch: 3,
	actions: [{ addFollower: TOKYO }, { transferLeadership: TOKYO }],
	plan: {
		replicas: {
			leaderBefore: IRELAND,
			followersBefore: [],
			leaderAfter: TOKYO,
			followersAfter: [IRELAND],
			buckets: 2,
			storageClass: "standard",
		},
		joins: [TOKYO],
		transfer: TOKYO,
		removals: [],
		sync: "full",
		traffic: { steps: [], abort: { maxErrorShare: 0.01, maxDivergences: 0, maxLatencyRatio: 2, maxStalenessMs: 5000 } },
		quiesceSeconds: 15,
		soakSeconds: 900,
		soakTickSeconds: 300,
		maxRepairs: 10,
		why: "a test",
	},
	state: "running",
	stage: "Soak",
	history: [],
	progress: { items: 0, bytes: 0, repairs: 0 },
	copied: {},
	decision: "committed",
	requestedBy: "operator",
	startedAt: "2024-01-01T00:00:00.000Z",
	restarts: 0,
	version: 1,
	...more,
});

class FakeMetadata implements MetadataStore {
	readonly records = new Map<string, PartitionRecord>();
	freeze: Freeze = { global: false, regions: [] };
	/** Runs before the next write: another writer gets there first. */
	beforeReplace: (() => void) | undefined;
	readonly #store = memoryMetadataStore({
		control: this.records,
		nearest: (partition) => this.records.get(partition),
		put: (record) => void this.records.set(record.partition, record),
		switches: this,
	});
	readonly readNearest = this.#store.readNearest;
	readControl = this.#store.readControl;
	readonly readMany = this.#store.readMany;
	readonly readManyAndFreeze = this.#store.readManyAndFreeze;
	readonly create = this.#store.create;
	readonly list = this.#store.list;
	readonly readFreeze = this.#store.readFreeze;
	readonly writeFreeze = this.#store.writeFreeze;

	replace(next: PartitionRecord) {
		this.beforeReplace?.();
		this.beforeReplace = undefined;
		return this.#store.replace(next);
	}
}

class FakeMigrations implements MigrationStore {
	readonly records = new Map<string, MigrationRecord>();

	read(migrationId: string) {
		return Promise.resolve(this.records.get(migrationId));
	}
	create(record: MigrationRecord) {
		this.records.set(record.migrationId, record);
		return Promise.resolve({ kind: "written", record } as const);
	}
	update(next: MigrationRecord) {
		const current = this.records.get(next.migrationId);
		if (current?.version !== next.version - 1) return Promise.resolve({ kind: "conflict", current } as const);
		this.records.set(next.migrationId, next);
		return Promise.resolve({ kind: "written", record: next } as const);
	}
	list({ state }: { state?: MigrationState }) {
		const migrations = [...this.records.values()].filter((record) => state === undefined || record.state === state);
		return Promise.resolve({ migrations });
	}
	count(state: MigrationState) {
		return Promise.resolve([...this.records.values()].filter((record) => record.state === state).length);
	}
	readonly copies: CopyEvent[] = [];
	noteCopy(event: CopyEvent) {
		this.copies.push(event);
		return Promise.resolve();
	}
	copyEvents(partition: PartitionId) {
		return Promise.resolve(this.copies.filter((event) => event.partition === partition));
	}
}

class FakeEvents implements EventStore {
	readonly events = new Map<string, ExternalEvent>();

	list() {
		return Promise.resolve([...this.events.values()]);
	}
	read(eventId: string) {
		return Promise.resolve(this.events.get(eventId));
	}
	write(event: ExternalEvent) {
		this.events.set(event.eventId, event);
		return Promise.resolve();
	}
	remove(eventId: string) {
		return Promise.resolve(this.events.delete(eventId));
	}
}

/** The ports in memory, with what was started and forecast in plain sight. */
export class FakePorts implements AdminPorts {
	readonly metadata = new FakeMetadata();
	readonly changes = new MemoryMetadataChanges();
	readonly keptBy = new Map<string, MemoryLostWrites>();
	readonly lostWrites = (region: string): MemoryLostWrites => {
		const kept = this.keptBy.get(region) ?? new MemoryLostWrites();
		this.keptBy.set(region, kept);
		return kept;
	};
	/** The newest first. */
	ring: readonly CursorKeyView[] = [{ id: "first", madeAtMs: NOW_MS }];
	readonly cursorKeys = {
		list: async () => this.ring,
		rotate: async () => {
			this.ring = [{ id: "second", madeAtMs: NOW_MS }, ...this.ring.map((key) => ({ ...key, acceptedUntilMs: NOW_MS + 86_400_000 }))];
			return this.ring;
		},
		clear: async () => {
			this.ring = this.ring.slice(0, 1);
			return this.ring;
		},
	};
	readonly migrations = new FakeMigrations();
	readonly started = new Map<string, MigrationRequest>();
	readonly events = new FakeEvents();
	readonly verdicts: Verdict[] = [];
	inUse: ModelInUse | undefined;
	readonly models = { readInUse: async () => this.inUse, list: async (limit: number) => this.verdicts.slice(0, limit) };
	readonly predictionRuns: string[] = [];
	readonly vectors = new Map<string, readonly PredictionVector[]>();
	readonly clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };
	readonly regions = [VIRGINIA, IRELAND, TOKYO];
	readonly controlRegion = VIRGINIA;
	readonly dataPlanes = { all: async () => ({ [IRELAND]: "https://ireland.example" }) };
	readonly decisions = {
		list: (partition: string) => Promise.resolve({ decisions: [{ partition, verdict: "stay" }] }),
		count: () => Promise.resolve(7),
	};
	readonly predictions = (partitions: readonly PartitionId[]) =>
		Promise.resolve(new Map(partitions.map((partition) => [partition, this.vectors.get(partition) ?? []])));
	readonly startMigration = {
		start: (request: MigrationRequest) => {
			if (this.started.has(request.migrationId)) return Promise.resolve("already-started" as const);
			this.started.set(request.migrationId, request);
			return Promise.resolve("started" as const);
		},
	};
	/** Regions that do not answer. */
	readonly lost = new Set<string>();
	readonly probeRegion = async (region: string) =>
		this.lost.has(region) ? ({ reachable: false } as const) : ({ reachable: true, answerMs: 12 } as const);
	readonly reports: Orphan[] = [];
	walks: Walks = {};
	/** What a removal comes to, one call after another. */
	readonly removals: RemovalOutcome[] = [];
	readonly orphans: OrphanAdmin = {
		store: { readWalks: async () => this.walks, list: async () => ({ orphans: this.reports }) },
		scan: async () => ({ finished: true, buckets: 4, found: this.reports }),
		remove: async () => this.removals.shift() ?? { kind: "removed" },
	};
	/** What the calls of a promotion, and of taking a copy back, come to, one after another. */
	readonly promotionOutcomes: PromotionOutcome[] = [];
	readonly reclaimOutcomes: ReclaimOutcome[] = [];
	readonly promotionRequests: unknown[] = [];
	readonly promotions: PromotionAdmin = {
		promote: async (_, request) => {
			this.promotionRequests.push(request);
			return this.promotionOutcomes.shift() ?? { kind: "refused", code: "promotion.busy", reason: "r" };
		},
		reclaim: async (_, request) => {
			this.promotionRequests.push(request);
			return this.reclaimOutcomes.shift() ?? { kind: "reclaimed" };
		},
	};
	readonly recover = async () => ({
		open: 2,
		restarted: ["m-1-r1"],
		stuck: [],
		returned: { open: 0, steps: [], away: [] },
		parked: { buckets: 0, carried: 0, owed: 0 },
	});
	planning: AdminPorts["planning"] = {};
	/** As reported, each with its own hour. */
	readonly hourCounts: HourCount[] = [];
	readonly counts: AdminPorts["counts"] = {
		reportedShards: async (from, through) =>
			[...new Set(this.hourCounts.map(({ reportHour }) => reportHour))]
				.filter((hour) => hour >= from && hour <= through)
				.map((hour) => ({ hour, shards: [...new Set(this.#countsOf(hour).map(({ partition }) => shardOf(partitionId(partition))))] })),
		readHour: async (hour, shard) => this.#countsOf(hour).filter(({ partition }) => shardOf(partitionId(partition)) === shard),
	};
	holdoutShare = 0;
	#countsOf(hour: number): readonly HourCount[] {
		return this.hourCounts.filter(({ reportHour }) => reportHour === hour);
	}
	readonly executions = new Map<string, ExecutionView>();
	readonly findExecution = (migrationId: string) => Promise.resolve(this.executions.get(migrationId));
	readonly startPrediction = (scheduledTime: string) => {
		this.predictionRuns.push(scheduledTime);
		return Promise.resolve("arn:execution");
	};
}
