import { type FenceChange, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { Phase } from "#domain/partition/record.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { Client, keysOf as keysIn } from "#simulation/actors/client.ts";
import { Operator } from "#simulation/actors/operator.ts";
import { OrphanWalk } from "#simulation/actors/orphan-walk.ts";
import { Promoter } from "#simulation/actors/promoter.ts";
import { Recovery } from "#simulation/actors/recovery.ts";
import { valueIn } from "#simulation/check/history.ts";
import { ABSENT, findViolation, type RegisterOperation } from "#simulation/check/linearizability.ts";
import { checkLosses } from "#simulation/check/losses.ts";
import { checkSessions } from "#simulation/check/sessions.ts";
import { checkSettled } from "#simulation/check/settled.ts";
import { Invariant, type Violation } from "#simulation/check/violations.ts";
import type { Scenario } from "#simulation/scenario.ts";
import { PARTITION, type RunOptions, World } from "#simulation/world/world.ts";

/** What one run came to. */
export interface RunResult {
	/** Migrations that claimed the partition. */
	readonly migrations: number;
	/** Followers that were promoted because a region was lost. */
	readonly promotions: number;
	/** Operations of clients. */
	readonly operations: number;
	readonly faults: number;
	readonly violations: readonly Violation[];
}

/** Runs a scenario to its end, heals everything, lets it settle, and checks it. The same scenario gives the same result. */
export async function runScenario(scenario: Scenario, options: RunOptions = {}): Promise<RunResult> {
	const world = new World(scenario, options);
	try {
		await world.time.run(() => play(world));
	} catch (error) {
		world.failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
	}
	checkSettled(world);
	checkKeys(world);
	checkSessions(world.history, world.violations);
	checkLosses(world.history, world.observer.kept, world.violations);
	return {
		migrations: world.observer.claims,
		promotions: world.observer.promotions,
		operations: world.history.calls.length,
		faults: world.faults.total,
		violations: world.violations.all,
	};
}

async function play(world: World): Promise<void> {
	const { scenario, violations, time } = world;
	await settle(world);
	const promoter = new Promoter(world);
	const operator = new Operator(world, promoter);
	const recovery = new Recovery(world, promoter);
	const walk = new OrphanWalk(world);
	if (scenario.stray) await walk.plant();
	const { walkMs } = scenario;
	if (walkMs !== undefined) world.spawn(() => walk.run(walkMs));
	world.spawn(() => recovery.run());
	await Promise.all([operator.run(), ...scenario.clients.map((plan, index) => new Client(world, index, plan).run())]);
	recovery.stop();
	walk.stop();
	world.heal();
	operator.liftFreezes();
	// Whatever is still to happen (cuts that end, stages that come once more) happens before the end is judged.
	await time.sleep(0);
	const left = await recovery.untilQuiet();
	if (left !== undefined) violations.add(Invariant.SameEnd, `three days after the last fault ${left}`);
	if (scenario.stray || walkMs !== undefined) await walk.clear();
}

/** The partition as it is at first: a steady leader, followers that have everything. */
async function settle(world: World): Promise<void> {
	const { scenario, metadata, time } = world;
	const { buckets } = scenario;
	const leader = world.region(scenario.leader);
	const followers = scenario.followers.map((index) => world.region(index));
	const epoch = 1;
	const nowMs = Math.floor(time.nowMs);
	for (const region of [leader, ...followers]) {
		const role = region === leader ? FenceRole.Leader : FenceRole.Follower;
		const next = { role, epoch, mode: WriteMode.Steady, peers: region === leader ? followers : [], leader, buckets };
		const changes = bucketsOf(PARTITION, buckets).map(({ bucket }): FenceChange => ({ bucket, expect: "absent", next }));
		await world.table(region).changeFences(PARTITION, changes);
		world.observer.watch({ label: "beginning", startedAtMs: nowMs }).fencesChanged(region, PARTITION, changes);
	}
	const excluded = scenario.excluded.map((index) => world.region(index));
	metadata.put({
		partition: PARTITION,
		leader,
		followers,
		epoch,
		phase: Phase.Active,
		buckets,
		...(excluded.length > 0 && { residency: scenario.regions.filter((region) => !excluded.includes(region)) }),
		version: 1,
		createdAtMs: nowMs,
		updatedAtMs: nowMs,
		leaderSinceMs: nowMs,
	});
	await time.sleep(scenario.metadataDelayMs);
	for (const [index, key] of keysOf(scenario).slice(0, scenario.items).entries()) {
		const ref = { partition: PARTITION, bucket: bucketOf(key, buckets) };
		const write = { key, precondition: { kind: "none" as const }, requestId: `beginning-${index}`, nowMs };
		const content = { body: Buffer.from(String(FIRST_VALUE + index)), contentType: "text/plain" };
		const lease = { epoch, validUntilMs: Number.POSITIVE_INFINITY };
		await world.table(leader).writeSteady(ref, { ...write, content }, lease);
	}
}

/** Values that are there at the beginning; above any operation's id. */
const FIRST_VALUE = 100_000;

const keysOf = ({ clients }: Scenario): readonly string[] => [...new Set(clients.flatMap(({ operations }) => operations.flatMap(keysIn)))];

/** Linearizability of each key, with a last read of what the leader holds in the end. */
function checkKeys(world: World): void {
	const { scenario, history, violations, metadata } = world;
	const record = metadata.control.get(PARTITION);
	for (const [index, key] of keysOf(scenario).entries()) {
		const bucket = bucketOf(key, scenario.buckets);
		const item = record === undefined ? undefined : world.table(record.leader).buckets.get(`${PARTITION}#${bucket}`)?.items.get(key);
		const last = item === undefined || item.deleted ? ABSENT : valueIn(item.body);
		const start = history.next();
		const end: RegisterOperation = { label: "what the leader holds in the end", start, end: history.next(), needs: { is: last } };
		const initial = index < scenario.items ? FIRST_VALUE + index : ABSENT;
		const found = findViolation([...history.of(key), end], initial);
		if (found === undefined) continue;
		const { operation, possible } = found;
		const needs = operation.needs === "anything" ? "" : `, needs ${JSON.stringify(operation.needs)}`;
		const detail = `${key}: ${operation.label}${needs}, possible were ${possible.join(", ")}`;
		violations.add(operation === end ? Invariant.NoLoss : Invariant.Linearizable, detail);
	}
}
