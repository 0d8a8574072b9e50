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
	const regions = ALL_REGIONS.slice(0, draws.chance(0.3) ? 4 : 3);
	const order = shuffled(draws, [...regions.keys()]);
	const [leader = 0, ...others] = order;
	const followers = others.slice(0, draws.pick([0, 0, 1, 1, 2]));
	const free = others.filter((index) => !followers.includes(index));
	const migrations = Array.from({ length: draws.pick([1, 1, 1, 2, 2, 3]) }, () => plannedMigration(draws));
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
		distance: draws.pick([1, 1, 1, 6, 15]),
		metadataDelayMs: draws.chance(FAULT_SHARE) ? 60_000 : draws.pick([100, 1000, 3000]),
		...troubles(draws, migrations.length, regions.length),
		migrations,
		clients: plannedClients(draws, regions.length),
	};
}

/** What goes wrong: faults at random or, in some seeds, two executions at each other's throats. */
function troubles(draws: Draws, migrations: number, regions: number): Pick<Scenario, "rates" | "events"> {
	const rates = drawRates(draws);
	const events = plannedEvents(draws, migrations, regions);
	const duel = plannedDuel(draws, migrations);
	if (!draws.chance(0.25)) return { rates, events };
	return { rates: { ...rates, stagePauses: Math.max(rates.stagePauses, 0.1), duplicateStages: 0.5 }, events: [...events, ...duel] };
}

/** An execution that is taken for gone and runs on beside its successor, while somebody wants the migration to end. */
function plannedDuel(draws: Draws, migrations: number): readonly PlannedEvent[] {
	const migration = draws.below(migrations);
	const [stage, kind] = draws.pick([
		[Stage.ShiftTraffic, "cancel"],
		[Stage.Cutover, "cancel"],
		[Stage.Cutover, "cancel"],
		[Stage.Soak, "rollback"],
	] as const);
	return [
		{ migration, stage, delayMs: draws.between(0, 200), act: { kind: "zombie" } },
		{ migration, stage, delayMs: draws.between(0, 2_000), act: { kind } },
	];
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
		soakSeconds: draws.pick([0, 5, 40, 90]),
		canary: draws.chance(0.5) ? [{ weight: draws.pick([0.3, 1]), holdSeconds: draws.pick([1, 10]) }] : [],
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
	switch (draws.below(8)) {
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
		default:
			return { kind: "die" };
	}
}

function plannedClients(draws: Draws, regions: number): readonly PlannedClient[] {
	const keys = KEYS.slice(0, draws.pick([1, 1, 2, 3]));
	const meanGapMs = draws.pick([50, 300, 3000, 8000]);
	let id = 0;
	const operation = (): PlannedOperation => {
		id += 1;
		const waits = draws.chance(0.45);
		const stage = draws.pick(HOT_STAGES);
		return {
			id,
			kind: plannedKind(draws),
			key: draws.pick(keys),
			gapMs: waits ? draws.between(0, 400) : -Math.log(1 - draws.next()) * meanGapMs,
			...(waits && { stage }),
		};
	};
	const count = 2 + draws.below(3);
	return Array.from({ length: count }, () => ({
		near: draws.below(regions),
		consistency: draws.pick(CONSISTENCIES),
		operations: Array.from({ length: 6 + draws.below(14) }, operation),
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
