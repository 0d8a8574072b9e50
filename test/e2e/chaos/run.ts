import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mapParallel } from "#domain/shared/map-parallel.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { refusedCalls } from "#test/__helpers__/refused-calls.ts";
import { type ClientWorld, readBack, runClient } from "#test/e2e/chaos/client.ts";
import { runFaults } from "#test/e2e/chaos/faults.ts";
import { Histories } from "#test/e2e/chaos/histories.ts";
import { Host } from "#test/e2e/chaos/host.ts";
import { countParked, countShipments, inspectSettled } from "#test/e2e/chaos/inspect.ts";
import { countsByState, runMovers } from "#test/e2e/chaos/movers.ts";
import { type ChaosOptions, SETTLING_SPEED, SPEED, SWEEPING_SPEED } from "#test/e2e/chaos/options.ts";
import { findViolation } from "#test/e2e/chaos/register-history.ts";
import { summarize } from "#test/e2e/chaos/summary.ts";
import { Tally } from "#test/e2e/chaos/tally.ts";

/** What a run has come to. */
export interface ChaosOutcome {
	/** What must not have happened, a sentence each; empty is good. */
	readonly violations: readonly string[];
	/** A table for people. */
	readonly summary: string;
}

/** Wall ms for everything to settle once nothing disturbs it. */
const SETTLE_LIMIT_MS = 240_000;
const READERS = 4;
const READ_ATTEMPTS = 25;
/** Wall ms for the sweeps, which come every few hours of a clock that hurries. */
const SWEEP_LIMIT_MS = 120_000;
/** Wall ms in which a clock that hurries passes more than the longest delay of metadata. */
const ARRIVAL_MS = 500;
const ANSWERS_BETWEEN_CLIENTS = 3;

/** Plays writers and readers, migrations and faults against a real host until enough migrations have ended; then heals, settles and checks. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
	const { seed, say } = options;
	const startedMs = performance.now();
	const dataDir = join(options.folder, "data");
	const host = new Host(dataDir, options.regions, seed);
	const tally = new Tally();
	const histories = new Histories();
	const partitions = Array.from({ length: options.partitions }, (_, n) => `chaos-${n}`);
	try {
		await host.start(SPEED);
		say(`seed ${seed}: the host is up`);
		await disturb(options, { host, tally, histories, partitions });
		say("healing, settling");
		await settle(options, host, tally);
		const world = { host, histories, tally, partitions, isStopped: () => true };
		await readEverything(world, say);
		const migrations = (await countsByState(host)) ?? {};
		const ended = Object.entries(migrations).reduce((sum, [state, count]) => sum + (state === "running" ? 0 : count), 0);
		if (ended < options.migrations) tally.violations.push(`only ${ended} of ${options.migrations} migrations have ended`);
		await pause(500);
		await host.stop();
		await awaitArrivals(host, dataDir);
		tally.violations.push(...inspectSettled(dataDir, options.regions), ...refusedCalls(dataDir));
		checkHistories(histories, tally);
		const seconds = (performance.now() - startedMs) / 1000;
		return { violations: tally.violations, summary: summarize({ seed, seconds, migrations, tally, histories }) };
	} finally {
		host.dispose();
	}
}

interface Shared {
	readonly host: Host;
	readonly tally: Tally;
	readonly histories: Histories;
	readonly partitions: readonly string[];
}

/** Clients, migrations and faults at once, until enough migrations have ended. */
async function disturb(options: ChaosOptions, { host, tally, histories, partitions }: Shared): Promise<void> {
	const { seed, migrations, hostKills, stalledMs, say } = options;
	const random = (stream: number): (() => number) => seededRandom(seed * 1000 + stream);
	let stopped = false;
	const isStopped = (): boolean => stopped;
	const world: ClientWorld = { host, histories, tally, partitions, isStopped };
	const clients: Promise<void>[] = [];
	for (let n = 0; n < options.clients; n += 1) {
		clients.push(runClient(world, `c${n}`, random(n)));
		await answeredOnceMore(tally);
	}
	say(`${clients.length} clients are at work`);
	const faults = runFaults({ host, tally, first: options.faults, answersAFault: options.answersAFault, isStopped }, random(998));
	let kills = 0;
	let killing: Promise<void> | undefined;
	let told = 0;
	const onProgress = (started: number, ended: number): void => {
		if (ended >= told + 10) {
			told = ended;
			say(`${ended} of ${migrations} migrations have ended`);
		}
		if (killing !== undefined || kills >= hostKills || started < (migrations * (kills + 0.5)) / hostKills) return;
		kills += 1;
		tally.count("fault kill host");
		killing = host.killAndRestart(SPEED, kills % 2 === 0).finally(() => {
			killing = undefined;
		});
	};
	try {
		await runMovers({ host, tally, partitions, wanted: migrations, stalledMs, onProgress }, random(999));
	} finally {
		stopped = true;
		await Promise.all([...clients, faults, killing]);
	}
}

/** One client after the other: each brings functions to life, and a machine full of cold starts would do nothing else. */
async function answeredOnceMore(tally: Tally): Promise<void> {
	const before = tally.sum("answered");
	while (tally.sum("answered") < before + ANSWERS_BETWEEN_CLIENTS) await pause(10);
}

/** Heals and waits until no migration is open and every partition is active. What takes long waits for recovery: time goes faster then. */
async function settle({ stalledMs, say }: ChaosOptions, host: Host, tally: Tally): Promise<void> {
	await host.admin("POST", "chaos", { action: "heal" });
	if (await settledWithin(host, stalledMs / 2)) return;
	say("letting time go faster");
	await host.stop();
	await host.start(SETTLING_SPEED);
	if (!(await settledWithin(host, SETTLE_LIMIT_MS))) tally.violations.push("not everything has settled");
	await host.stop();
	await host.start(SPEED);
}

async function settledWithin(host: Host, limitMs: number): Promise<boolean> {
	const untilMs = performance.now() + limitMs;
	while (performance.now() < untilMs) {
		const listed = await host.admin("GET", "partitions?limit=1000");
		const phases =
			listed?.status === 200 ? (listed.json as { partitions: { phase: string }[] }).partitions.map(({ phase }) => phase) : [""];
		const running = (await countsByState(host))?.["running"];
		if (running === 0 && phases.every((phase) => phase === "active")) return true;
		await pause(200);
	}
	return false;
}

/**
 * What streams could not carry while regions were cut off comes with the sweeps, and what metadata was delayed comes late: time has to
 * pass for them. The host has been stopped.
 */
async function awaitArrivals(host: Host, dataDir: string): Promise<void> {
	const untilMs = performance.now() + SWEEP_LIMIT_MS;
	// What a host keeps for itself can be read only while it is down.
	const parked = (): number => countParked(dataDir, host.regions);
	while (parked() + countShipments(dataDir) > 0 && performance.now() < untilMs) {
		await host.start(SWEEPING_SPEED);
		await pause(ARRIVAL_MS);
		while (parked() > 0 && performance.now() < untilMs) await pause(250);
		await host.stop();
	}
}

async function readEverything(world: ClientWorld, say: (line: string) => void): Promise<void> {
	const refs = world.histories.all().map(({ ref }) => ref);
	say(`reading ${refs.length} keys back`);
	await mapParallel(refs, READERS, async (ref) => {
		const answered = await readBack(world, ref, READ_ATTEMPTS);
		if (answered === undefined) world.tally.violations.push(`${ref.partition}/${ref.key} cannot be read any more`);
	});
}

function checkHistories(histories: Histories, tally: Tally): void {
	for (const { ref, operations } of histories.all()) {
		const violation = findViolation(operations);
		if (violation === undefined) continue;
		const shown = [...operations].sort((a, b) => a.start - b.start).map(({ label, start, end }) => `${start}..${end} ${label}`);
		tally.violations.push(
			`${ref.partition}/${ref.key} is not linearizable at ${violation.start} ${violation.label}; its history:\n\t${shown.join("\n\t")}`,
		);
	}
}
