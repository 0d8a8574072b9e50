import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { Stage } from "#domain/migration/stages.ts";
import { Consistency } from "#domain/partition/consistency.ts";
import { Draws, subSeed } from "#simulation/draws.ts";
import {
	type Act,
	MAX_SKEW_MS,
	Move,
	OperationKind,
	type PlannedClient,
	type PlannedEvent,
	type PlannedLoss,
	type PlannedMigration,
	type PlannedOperation,
	type Rates,
	type Scenario,
} from "#simulation/scenario.ts";

const ALL_REGIONS: readonly RegionId[] = ["eu-west-1", "us-east-1", "ap-northeast-1", "sa-east-1"].map(regionId);

/** Few keys, so that operations meet. */
const KEYS = ["a", "b/c", "d e", "ü"];

/** Stages around which the protocol is decided: events and operations gather there. */
const HOT_STAGES: readonly Stage[] = [
	Stage.CreateReplica,
	Stage.Quiesce,
	Stage.Synchronize,
	Stage.Verify,
	Stage.ShiftTraffic,
	Stage.Cutover,
	Stage.Cutover,
	Stage.UpdateMetadata,
	Stage.Soak,
	Stage.RemoveSource,
	Stage.Settle,
	Stage.Cancel,
	Stage.RollBack,
];

const { Linearizable, Session, Eventual } = Consistency;
const CONSISTENCIES: readonly Consistency[] = [Linearizable, Linearizable, Linearizable, Session, Session, Eventual];

/** Each fault is there in about half of the seeds: with all of them at once nothing ever gets far (swarm testing). */
const FAULT_SHARE = 0.45;

/** The scenario of a seed, always the same. */
export function generateScenario(seed: number): Scenario {
	const draws = new Draws(subSeed(seed, "scenario"));
	const mode = draws.pick(MODES);
	const regions = ALL_REGIONS.slice(0, draws.chance(mode === "loss" ? 0.6 : 0.3) ? 4 : 3);
	const order = shuffled(draws, [...regions.keys()]);
	const [leader = 0, ...others] = mode === "loss" ? leaderAbroad(order) : order;
	const followers = others.slice(0, draws.pick(mode === "loss" ? [1, 2, 3] : [0, 0, 1, 1, 2]));
	const free = others.filter((index) => !followers.includes(index));
	return {
		seed,
		regions,
		leader,
		followers,
		excluded: free.length > 1 && draws.chance(0.25) ? free.slice(-1) : [],
		buckets: 1 + draws.below(4),
		pageSize: draws.pick([1, 2, 3, 100]),
		items: draws.below(KEYS.length + 1),
		skewMs: regions.map(() => (draws.chance(FAULT_SHARE) ? draws.between(0, MAX_SKEW_MS) : 0)),
		metadataDelayMs: draws.chance(FAULT_SHARE) ? 60_000 : draws.pick([100, 1000, 3000]),
		stray: draws.chance(STRAY_SHARE),
		...(draws.chance(WALK_SHARE) && { walkMs: draws.pick([5_000, 60_000]) }),
		...happenings(draws, mode, regions.length),
	};
}

/** A leader outside the control region: whoever promotes works from there. */
function leaderAbroad(order: readonly number[]): readonly number[] {
	const [first, second, ...rest] = order;
	return first === 0 && second !== undefined ? [second, first, ...rest] : order;
}

type Happenings = Pick<Scenario, "migrations" | "rates" | "events" | "clients" | "distance" | "recoveryMs" | "crowd">;

/** What a seed is mostly about. */
const MODES = ["plain", "plain", "duel", "duel", "long-journals", "loss", "loss", "crowd", "sleeper"] as const;
type Mode = (typeof MODES)[number];

/** Of what a client does in a batch; of seeds with a stray copy from the beginning, and with walks for such copies meanwhile. */
const BATCH_SHARE = 0.08;
const STRAY_SHARE = 0.03;
const WALK_SHARE = 0.08;

/** What goes wrong, and what clients do meanwhile: at random or, in some seeds, gathered where the protocol is thinnest. */
function happenings(draws: Draws, mode: Mode, regions: number): Happenings {
	const migrations = Array.from({ length: draws.pick([1, 1, 1, 2, 2, 3]) }, () => plannedMigration(draws));
	const plain = {
		migrations,
		rates: drawRates(draws),
		events: plannedEvents(draws, migrations.length, regions),
		clients: plannedClients(draws, regions),
		distance: draws.pick([1, 1, 1, 6, 15]),
		recoveryMs: 90_000,
		crowd: 0,
	};
	switch (mode) {
		case "duel":
			return withDuel(draws, plain);
		case "long-journals":
			return withLongJournals(draws, plain, regions);
		case "loss":
			return withLoss(draws, plain, regions);
		case "crowd":
			return withCrowd(draws, plain);
		case "sleeper":
			return withSleeper(draws, plain, regions);
		default:
			return plain;
	}
}

/** The leader's region is lost at any stage, and somebody promotes a follower; sometimes twice, or two regions. */
function withLoss(draws: Draws, plain: Happenings, regions: number): Happenings {
	const losses = Array.from(
		{ length: draws.pick([1, 1, 2]) },
		(): PlannedEvent => ({
			migration: draws.below(plain.migrations.length),
			stage: draws.pick(HOT_STAGES),
			delayMs: draws.chance(0.5) ? draws.between(0, 300) : draws.between(0, 20_000),
			act: plannedLoss(draws, "leader"),
		}),
	);
	return {
		...plain,
		rates: { ...plain.rates, stuckWrites: draws.pick([0, 0.3, 0.6]) },
		events: draws.chance(0.25) ? mistaken(draws, draws.below(plain.migrations.length)) : [...plain.events, ...losses],
		clients: draws.chance(0.5) ? writersInARow(draws, regions) : plain.clients,
		recoveryMs: draws.pick([20_000, 90_000, 600_000]),
	};
}

/** The leader is cut off and serves its own clients on; another region is lost, and that is the one somebody vouches for. */
function mistaken(draws: Draws, migration: number): readonly PlannedEvent[] {
	const at = { migration, stage: draws.pick(HOT_STAGES), delayMs: draws.between(0, 10_000) };
	const cut = { ...plannedLoss(draws, "leader"), off: false, force: false, calls: 0, holdMs: draws.between(30_000, 120_000) };
	const other = { ...plannedLoss(draws, "bystander"), off: true, force: false, holdMs: 120_000, promoteAfterMs: 500, calls: 40 };
	return [cut, other].map((act) => ({ ...at, act }));
}

function plannedLoss(draws: Draws, region: PlannedLoss["region"]): PlannedLoss {
	const off = draws.chance(0.6);
	return {
		kind: "lose",
		region,
		off,
		holdMs: draws.between(1_000, draws.pick([20_000, 90_000, 400_000])),
		promoteAfterMs: draws.between(0, draws.pick([1_000, 30_000])),
		choice: draws.below(16),
		force: off ? draws.chance(0.2) : draws.chance(0.8),
		calls: draws.pick([1, 2, 4, 40, 40]),
	};
}

/** A stage that falls asleep over a fence and wakes up in the next migration, whose journal is then all that brings what is written. */
function withSleeper(draws: Draws, plain: Happenings, regions: number): Happenings {
	const stage = draws.pick([Stage.Settle, Stage.Settle, Stage.Settle, Stage.Cancel, Stage.RemoveSource, Stage.CreateReplica]);
	const asleep: readonly PlannedEvent[] = [
		{ migration: 0, stage, delayMs: 0, act: { kind: "stall", ms: draws.between(15_000, 45_000) } },
		{ migration: 0, stage, delayMs: 0, act: { kind: "zombie" } },
	];
	const first = {
		...plannedMigration(draws),
		move: draws.pick([Move.Classic, Move.KeepSource, Move.Transfer]),
		soakSeconds: 0,
		eager: true,
	};
	const next = {
		...plannedMigration(draws),
		move: draws.pick([Move.Classic, Move.KeepSource, Move.Transfer]),
		gapMs: draws.between(0, 2_000),
	};
	return {
		...plain,
		migrations: [first, { ...next, soakSeconds: 60 }],
		rates: { ...plain.rates, streamDelays: draws.pick([0.5, 0.9]), stageCrashes: 0, duplicateStages: 0 },
		events: asleep,
		clients: writersInARow(draws, regions),
		recoveryMs: 5_000,
	};
}

/** Viewers enough to judge canaries and soaks by, and mostly a region that does not serve them well. */
function withCrowd(draws: Draws, plain: Happenings): Happenings {
	const migration = draws.below(plain.migrations.length);
	const stage = draws.pick([Stage.CreateReplica, Stage.ShiftTraffic, Stage.Soak]);
	const act: Act = {
		kind: "sick",
		region: draws.pick(["target", "target", 0, 1] as const),
		share: draws.pick([0.2, 1, 1]),
		holdMs: 600_000,
	};
	const ill: PlannedEvent = { migration, stage, delayMs: draws.between(0, 5_000), act };
	const canary = [{ weight: draws.pick([0.3, 0.6, 1]), holdSeconds: draws.pick([40, 60]) }];
	const migrations = plain.migrations.map((one) => ({ ...one, canary, soakSeconds: draws.pick([60, 120]) }));
	return { ...plain, migrations, crowd: draws.pick([12, 40]), events: draws.chance(0.75) ? [...plain.events, ill] : plain.events };
}

/** An execution that is taken for gone and runs on beside its successor, while somebody wants the migration to end. */
function withDuel(draws: Draws, plain: Happenings): Happenings {
	const migration = draws.below(plain.migrations.length);
	const [stage, kind] = draws.pick([
		[Stage.ShiftTraffic, "cancel"],
		[Stage.Cutover, "cancel"],
		[Stage.Cutover, "cancel"],
		[Stage.Soak, "rollback"],
	] as const);
	const duel: readonly PlannedEvent[] = [
		{ migration, stage, delayMs: draws.between(0, 200), act: { kind: "zombie" } },
		{ migration, stage, delayMs: draws.between(0, 2_000), act: { kind } },
	];
	const rates = { ...plain.rates, fencePauses: draws.pick([0.2, 0.5]), duplicateStages: draws.pick([0, 0.3]) };
	return { ...plain, rates, events: [...plain.events, ...duel], recoveryMs: draws.pick([5_000, 30_000]) };
}

/** Writers in a row, far regions and late streams: journals are long, and nothing else brings what is in them. Often it has to go back. */
function withLongJournals(draws: Draws, plain: Happenings, regions: number): Happenings {
	const migration = draws.below(plain.migrations.length);
	const back: PlannedEvent = { migration, stage: Stage.Soak, delayMs: draws.between(0, 60_000), act: { kind: "rollback" } };
	const moves: readonly Move[] = [Move.Classic, Move.KeepSource, Move.Transfer];
	return {
		...plain,
		migrations: plain.migrations.map((one) => ({ ...one, soakSeconds: 90, move: moves.includes(one.move) ? one.move : Move.Classic })),
		rates: { ...plain.rates, streamDelays: draws.pick([0.3, 0.8]), stuckWrites: draws.pick([0, 0.3]) },
		events: draws.chance(0.8) ? [...plain.events, back] : plain.events,
		clients: writersInARow(draws, regions),
		distance: draws.pick([6, 15]),
	};
}

function drawRates(draws: Draws): Rates {
	const rate = (most: number): number => (draws.chance(FAULT_SHARE) ? draws.next() * most : 0);
	return {
		lostAnswers: rate(0.02),
		notApplied: rate(0.04),
		slowCalls: rate(draws.pick([0.05, 0.3])),
		stuckWrites: rate(0.3),
		stageCrashes: rate(0.05),
		stagePauses: rate(0.04),
		fencePauses: rate(0.08),
		duplicateStages: rate(0.2),
		streamDelays: rate(0.6),
		streamDuplicates: rate(0.4),
	};
}

function plannedMigration(draws: Draws): PlannedMigration {
	const { Classic, KeepSource, AddFollower, Transfer, RemoveFollower, Excluded, Reshape } = Move;
	return {
		move: draws.pick([Classic, Classic, Classic, KeepSource, AddFollower, Transfer, Transfer, RemoveFollower, Excluded, Reshape]),
		choice: draws.below(12),
		gapMs: draws.chance(0.3) ? 0 : draws.between(0, 20_000),
		patienceMs: draws.chance(0.2) ? 30_000 : 1_200_000,
		soakSeconds: draws.pick([0, 5, 40, 60, 90]),
		canary: draws.chance(0.5) ? [{ weight: draws.pick([0.3, 1]), holdSeconds: draws.pick([1, 10, 20]) }] : [],
	};
}

function plannedEvents(draws: Draws, migrations: number, regions: number): readonly PlannedEvent[] {
	const count = draws.chance(0.3) ? 0 : 1 + draws.below(3);
	return Array.from({ length: count }, () => ({
		migration: draws.below(migrations),
		stage: draws.pick(HOT_STAGES),
		delayMs: draws.chance(0.5) ? draws.between(0, 300) : draws.between(0, 20_000),
		act: plannedAct(draws, regions),
	}));
}

function plannedAct(draws: Draws, regions: number): Act {
	const region = draws.below(regions);
	const holdMs = draws.between(1000, draws.chance(0.5) ? 20_000 : 400_000);
	switch (draws.below(9)) {
		case 0:
		case 1:
			return { kind: "cancel" };
		case 2:
		case 3:
			return { kind: "rollback" };
		case 4:
			return { kind: "freeze", scope: draws.pick(["global", "region", "partition"]), region, holdMs };
		case 5:
			return { kind: "cut", region, holdMs };
		case 6:
			return { kind: "zombie" };
		case 7:
			return plannedLoss(draws, draws.pick(["leader", region]));
		default:
			return { kind: "die" };
	}
}

function plannedClients(draws: Draws, regions: number): readonly PlannedClient[] {
	const keys = KEYS.slice(0, draws.pick([1, 1, 2, 3]));
	const meanGapMs = draws.pick([50, 300, 3000, 8000]);
	let id = 0;
	const operation = (key: string, gapMs: number, kind: OperationKind, stage?: Stage): PlannedOperation => {
		id += 1;
		return { id, kind, key, gapMs, ...(stage !== undefined && { stage }) };
	};
	/** A few operations on one key as a stage begins, mostly writes. */
	const burst = (): readonly PlannedOperation[] => {
		const key = draws.pick(keys);
		const stage = draws.pick(HOT_STAGES);
		const spacingMs = draws.pick([50, 400, 2_000]);
		return Array.from({ length: 1 + draws.below(4) }, (_, i) =>
			operation(key, draws.next() * spacingMs, plannedKind(draws), i === 0 ? stage : undefined),
		);
	};
	/** A few parts in one request. */
	const batch = (): readonly PlannedOperation[] => {
		const whole = operation(
			draws.pick(keys),
			draws.next() * 400,
			OperationKind.Batch,
			draws.chance(0.5) ? draws.pick(HOT_STAGES) : undefined,
		);
		const kinds = [OperationKind.Get, OperationKind.Put, OperationKind.Put, OperationKind.Delete];
		return [{ ...whole, parts: Array.from({ length: 1 + draws.below(3) }, () => operation(draws.pick(keys), 0, draws.pick(kinds))) }];
	};
	const stroll = (): readonly PlannedOperation[] => [
		operation(draws.pick(keys), -Math.log(1 - draws.next()) * meanGapMs, plannedKind(draws)),
	];
	return Array.from({ length: 2 + draws.below(3) }, () => ({
		near: draws.below(regions),
		consistency: draws.pick(CONSISTENCIES),
		operations: Array.from({ length: 4 + draws.below(8) }, () =>
			draws.chance(BATCH_SHARE) ? batch() : draws.chance(0.5) ? burst() : stroll(),
		).flat(),
	}));
}

/** Clients that keep writing one key while a journal is being carried. */
function writersInARow(draws: Draws, regions: number): readonly PlannedClient[] {
	const stages = [Stage.Quiesce, Stage.Synchronize, Stage.ShiftTraffic, Stage.Soak, Stage.Soak, Stage.Soak];
	const key = draws.pick(KEYS);
	const spacingMs = draws.pick([100, 400, 1_000]);
	let id = 0;
	const row = (): readonly PlannedOperation[] => {
		const stage = draws.pick(stages);
		return Array.from({ length: 2 + draws.below(4) }, (_, i) => {
			id += 1;
			return { id, kind: plannedKind(draws), key, gapMs: draws.next() * spacingMs, ...(i === 0 && { stage }) };
		});
	};
	return Array.from({ length: 3 }, () => ({
		near: draws.below(regions),
		consistency: Consistency.Linearizable,
		operations: Array.from({ length: 3 }, row).flat(),
	}));
}

function plannedKind(draws: Draws): OperationKind {
	const { Get, Put, Create, Replace, Delete, List } = OperationKind;
	return draws.pick([Get, Get, Get, Get, Put, Put, Put, Put, Create, Replace, Delete, Delete, List]);
}

function shuffled<T>(draws: Draws, list: readonly T[]): T[] {
	const rest = [...list];
	return list.map(() => rest.splice(draws.below(rest.length), 1)[0] as T);
}
