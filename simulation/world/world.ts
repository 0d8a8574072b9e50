import type { RegionId } from "#domain/geography/region-id.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { RegionalStore, RegionalStores } from "#domain/ports/regional-store.ts";
import { History } from "#simulation/check/history.ts";
import { type Doer, Observer } from "#simulation/check/observer.ts";
import { Invariant, Violations } from "#simulation/check/violations.ts";
import { Edge } from "#simulation/data-plane/edge.ts";
import { RegionFront } from "#simulation/data-plane/region-front.ts";
import { Draws, subSeed } from "#simulation/draws.ts";
import { overriding, type Weakening } from "#simulation/planted/weakening.ts";
import type { Rates, Scenario } from "#simulation/scenario.ts";
import { MemoryFeedReports } from "#simulation/stores/memory-feed-reports.ts";
import { MemoryMigrationStore } from "#simulation/stores/memory-migration-store.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { remoteMetadata, remoteMigrations } from "#simulation/stores/remote-metadata.ts";
import { RemoteStore } from "#simulation/stores/remote-store.ts";
import { ReplicatedMetadata } from "#simulation/stores/replicated-metadata.ts";
import { VirtualTime } from "#simulation/virtual-time.ts";
import { Caller, type CallerKind } from "#simulation/world/caller.ts";
import { Crowd } from "#simulation/world/crowd.ts";
import { SimulatedExecutions } from "#simulation/world/executions.ts";
import { Life } from "#simulation/world/life.ts";
import { Network } from "#simulation/world/network.ts";
import { StageRunner } from "#simulation/world/stage-runner.ts";
import { StageSignals } from "#simulation/world/stage-signals.ts";
import { Streams } from "#simulation/world/streams.ts";
import { FaultCount, type Surroundings } from "#simulation/world/surroundings.ts";

/** The one partition that a run is about. */
export const PARTITION = partitionId("acme:documents");

const NO_FAULTS: Rates = {
	lostAnswers: 0,
	notApplied: 0,
	slowCalls: 0,
	stuckWrites: 0,
	stageCrashes: 0,
	stagePauses: 0,
	fencePauses: 0,
	duplicateStages: 0,
	streamDelays: 0,
	streamDuplicates: 0,
};

export interface RunOptions {
	readonly weaken?: Weakening;
	/** Takes the lines of the timeline. */
	readonly onLine?: (line: string) => void;
}

/** Everything there is in one run: regions with tables, streams and data planes, a control region with records and executions, edges. */
export class World implements Surroundings {
	readonly scenario: Scenario;
	readonly time = new VirtualTime();
	readonly network: Network;
	readonly faults = new FaultCount();
	readonly violations = new Violations();
	readonly history = new History();
	readonly signals = new StageSignals();
	readonly tables: ReadonlyMap<RegionId, MemoryRegionalStore>;
	readonly metadata: ReplicatedMetadata;
	readonly migrations: MemoryMigrationStore;
	readonly observer: Observer;
	readonly crowd: Crowd;
	readonly streams: Streams;
	readonly stages: StageRunner;
	readonly executions: SimulatedExecutions;
	readonly edges: readonly Edge[];
	rates: Rates;
	/** Actors that have not ended. */
	active = 0;
	readonly #fronts = new Map<RegionId, RegionFront>();
	readonly #feeds: ReadonlyMap<RegionId, FeedReports>;
	readonly #weaken: Weakening;
	readonly #onLine: ((line: string) => void) | undefined;
	readonly #weakTables = new Map<string, RegionalStore>();

	constructor(scenario: Scenario, { weaken = {}, onLine }: RunOptions = {}) {
		this.scenario = scenario;
		this.rates = scenario.rates;
		this.network = new Network(scenario.distance);
		this.#weaken = weaken;
		this.#onLine = onLine;
		const { regions, seed } = scenario;
		this.tables = new Map(regions.map((region) => [region, this.#makeTable(region)]));
		this.metadata = new ReplicatedMetadata({ time: this.time, draws: this.draws("metadata"), regions, delayMs: scenario.metadataDelayMs });
		// The schema is checked in a few runs: it takes longer than all the rest.
		this.migrations = new MemoryMigrationStore(seed % 64 === 0);
		this.crowd = new Crowd({
			world: this,
			size: scenario.crowd,
			partition: PARTITION,
			regions,
			draws: this.draws("crowd"),
			nearest: (region) => this.metadata.nearest(region, PARTITION),
			migrations: this.migrations.records,
			violations: this.violations,
			spawn: this.spawn,
		});
		this.observer = new Observer({
			violations: this.violations,
			history: this.history,
			stores: this.tables,
			excluded: scenario.excluded.flatMap((index) => regions[index] ?? []),
			copies: this.migrations.copies,
			isOpenAgain: (region) => this.network.wasClosed(region) && !this.network.isClosed(region),
			crowd: this.crowd,
			trace: this.trace,
		});
		this.#feeds = new Map(regions.map((region) => [region, new MemoryFeedReports()]));
		this.streams = new Streams({
			feeds: (region) => this.#feedsOf(region),
			world: this,
			drawsOf: (shard) => this.draws(`stream ${shard}`),
			spawn: this.spawn,
			stores: (from) => this.#streamStores(from),
		});
		this.stages = new StageRunner(this);
		const jitter = this.draws("jitter");
		this.executions = new SimulatedExecutions({
			invoke: (request, stage, reason) => this.stages.invoke(request, stage, reason),
			sleep: (ms) => this.time.sleep(ms),
			jitter: () => jitter.next(),
			spawn: this.spawn,
			trace: this.trace,
		});
		for (const [index, region] of regions.entries()) this.#fronts.set(region, this.#makeFront(region, index));
		this.edges = regions.map((region, index) => this.#makeEdge(region, index));
	}

	/** What promotions are weakened by. */
	get promoting(): NonNullable<Weakening["promoting"]> {
		return this.#weaken.promoting ?? {};
	}

	get controlRegion(): RegionId {
		return this.region(0);
	}

	region(index: number): RegionId {
		const region = this.scenario.regions[index];
		if (region === undefined) throw new RangeError(`no region ${index}`);
		return region;
	}

	/** For checks: without a network between. */
	table(region: RegionId): MemoryRegionalStore {
		const table = this.tables.get(region);
		if (table === undefined) throw new RangeError(`${region} is not deployed`);
		return table;
	}

	draws(label: string, index = 0): Draws {
		return new Draws(subSeed(this.scenario.seed, label, index));
	}

	readonly trace = (line: () => string): void => {
		this.#onLine?.(`${(this.time.elapsedMs / 1000).toFixed(3).padStart(9)} s  ${line()}`);
	};

	/** Runs an actor beside the others. What it throws is a violation. */
	readonly spawn = (work: () => Promise<void>): void => {
		this.active += 1;
		work()
			.catch((error: unknown) => this.failed(error instanceof Error ? (error.stack ?? error.message) : String(error)))
			.finally(() => {
				this.active -= 1;
			});
	};

	readonly failed = (message: string): void => this.violations.add(Invariant.NoFailure, message);

	/** No fault from here on: what is cut is mended, what is frozen is let go. */
	heal(): void {
		this.rates = NO_FAULTS;
		this.network.mendAll();
		this.history.reopened();
		this.trace(() => "healed");
	}

	/** What a stage works with, as `caller` reaches it. */
	stageDeps(caller: Caller, doer: Doer, skewMs: number): StageDeps {
		const clock = this.time.clock(skewMs);
		const settings = { ...MIGRATION_SETTINGS, soakTickSeconds: 20 };
		return {
			stores: this.#remoteStores(caller, doer),
			metadata: this.#remoteMetadata(this.controlRegion, { caller }, doer),
			migrations: overriding(remoteMigrations(this.migrations, this.controlRegion, caller), this.#weaken.migrations ?? {}),
			clock,
			regions: this.scenario.regions,
			settings: this.#weaken.settings?.(settings) ?? settings,
			...(this.crowd.isThere && { states: this.#statesAs(caller) }),
		};
	}

	/** An invocation in the control region that may be lost like any stage's; it is ended at its timeout. */
	stageCaller(label: string, kind: CallerKind, timeoutMs: number): { readonly caller: Caller; readonly life: Life } {
		const life = new Life();
		const options = { from: this.controlRegion, draws: this.draws(label), life, deadlineMs: this.time.nowMs + timeoutMs };
		void this.time.sleep(timeoutMs).then(() => life.timeOut());
		return { life, caller: new Caller(this, { ...options, kind }) };
	}

	#statesAs(caller: Caller): NonNullable<StageDeps["states"]> {
		const read = (sinceMs: number, untilMs: number) => this.#weaken.evidence?.(this.crowd) ?? this.crowd.read(sinceMs, untilMs);
		return {
			read: (_, sinceMs, untilMs) => caller.call(this.controlRegion, "readState", false, async () => read(sinceMs, untilMs)),
			readSize: async () => undefined,
			writeSize: async () => undefined,
		};
	}

	/** A process in the control region that is neither a stage nor a data plane. */
	controlCaller(label: string): Caller {
		const options = {
			kind: "control",
			from: this.controlRegion,
			draws: this.draws(label),
			life: new Life(),
			deadlineMs: Number.POSITIVE_INFINITY,
		};
		return new Caller(this, { ...options, kind: "control" });
	}

	#remoteStores(caller: Caller, doer: Doer): RegionalStores {
		const made = new Map<RegionId, RegionalStore>();
		const watch = this.observer.watch(doer);
		const { pageSize } = this.scenario;
		return (region) => {
			const known = made.get(region);
			if (known !== undefined) return known;
			const store = new RemoteStore({
				table: this.#tableFor(region, caller.kind),
				current: { caller },
				clock: this.time.clock(),
				pageSize,
				watch,
			});
			made.set(region, store);
			return store;
		};
	}

	#remoteMetadata(region: RegionId, current: { readonly caller: Caller }, doer: Doer): MetadataStore {
		const { controlRegion } = this;
		const plain = this.metadata.table(region);
		const table = this.#weaken.metadata === undefined ? plain : overriding(plain, this.#weaken.metadata(this.metadata, plain));
		return remoteMetadata({
			table,
			region,
			controlRegion,
			current,
			recorded: (before, after) => {
				this.trace(
					() =>
						`  record ${after.phase} e${after.epoch} leader ${after.leader}${after.canary === undefined ? "" : " canary"} by ${doer.label}`,
				);
				this.observer.recorded(doer, before, after);
			},
		});
	}

	#streamStores(from: RegionId): RegionalStores {
		const caller = new Caller(this, {
			kind: "stream",
			from,
			draws: this.draws(`stream ${from}`, this.time.elapsedMs | 0),
			life: new Life(),
			deadlineMs: Number.POSITIVE_INFINITY,
		});
		return this.#remoteStores(caller, { label: `stream of ${from}`, startedAtMs: this.time.nowMs });
	}

	#tableFor(region: RegionId, who: CallerKind): RegionalStore {
		const { table: weaken } = this.#weaken;
		const plain = this.table(region);
		if (weaken === undefined) return plain;
		const id = `${region} ${who}`;
		const table = this.#weakTables.get(id) ?? overriding<RegionalStore>(plain, weaken(plain, who, this.tables));
		this.#weakTables.set(id, table);
		return table;
	}

	#makeTable(region: RegionId): MemoryRegionalStore {
		return new MemoryRegionalStore(region, this.time.clock(), {
			put: (ref, item, by) => {
				this.observer.put(region, ref, item, by);
				this.streams.append(region, ref, item.key);
			},
			listed: (ref) => this.observer.listed(region, ref),
		});
	}

	#makeFront(region: RegionId, index: number): RegionFront {
		const clock = this.time.clock(this.scenario.skewMs[index] ?? 0);
		const doer = { label: `data plane of ${region}`, startedAtMs: Number.POSITIVE_INFINITY };
		return new RegionFront({
			world: this,
			region,
			table: this.#tableFor(region, "data"),
			feeds: this.#feedsOf(region),
			metadata: (current) => this.#remoteMetadata(region, current, doer),
			clock: this.#weaken.dataClock?.(clock) ?? clock,
			pageSize: this.scenario.pageSize,
			watch: this.observer.watch(doer),
			drawsOf: ({ headers }) => this.draws(headers["x-heliotrope-request-id"] ?? "", index),
			front: (other) => this.#front(other),
			diverged: () => this.crowd.diverged(region),
			failed: (message) => this.failed(`data plane of ${region}: ${message}`),
		});
	}

	#feedsOf(region: RegionId): FeedReports {
		const feeds = this.#feeds.get(region);
		if (feeds === undefined) throw new RangeError(`${region} is not deployed`);
		return feeds;
	}

	#front(region: RegionId): RegionFront {
		const front = this.#fronts.get(region);
		if (front === undefined) throw new RangeError(`${region} is not deployed`);
		return front;
	}

	#makeEdge(region: RegionId, index: number): Edge {
		return new Edge({
			world: this,
			region,
			regions: this.scenario.regions,
			partition: PARTITION,
			nearest: () => this.metadata.nearest(region, PARTITION),
			front: (other) => this.#front(other),
			drawsOf: ({ headers }) => this.draws(`edge ${headers["x-heliotrope-request-id"]}`, index),
		});
	}
}
