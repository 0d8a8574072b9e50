import { afterAll, describe, expect, it } from "vitest";
import { Stage } from "#domain/migration/stages.ts";
import { ExecutionDied, execute } from "#simulation/engine/state-machine.ts";
import { checkSettled } from "./check-settled.ts";
import { type Acknowledged, Client } from "./clients.ts";
import { type Hook, MigrationWorld } from "./migration-world.ts";
import { MOVE, requestFor, SCENARIOS, type Scenario } from "./scenarios.ts";

const KEYS = ["a", "b", "c", "d"];
const SEED = 20_240_229;

/** A write of a stage, counted from 1 over all runs of the stage in one execution. */
interface CrashPoint {
	readonly stage: Stage;
	readonly write: number;
	readonly when: "before" | "after";
}

/**
 * One scenario with two busy clients. The first execution dies at the crash point, and another one of the same request goes on. Ends in
 * the scenario's one final state, or throws. Returns the writes of each stage.
 */
async function simulate(scenario: Scenario, seed: number, crashAt?: CrashPoint): Promise<ReadonlyMap<Stage, number>> {
	const world = new MigrationWorld(seed);
	const acknowledged: Acknowledged = new Map();
	const request = requestFor(scenario);
	await world.settle(scenario.followers, KEYS);
	const others: Hook = (when) => (when === "before" ? world.scheduler.turn() : undefined);
	const writes = new Map<Stage, number>();
	let running: Stage = Stage.Plan;
	let busy = true;
	const counting: Hook = async (when, operation, isWrite) => {
		await others(when, operation, isWrite);
		if (!isWrite) return;
		if (when === "before") writes.set(running, (writes.get(running) ?? 0) + 1);
		if (crashAt?.stage === running && crashAt.write === writes.get(running) && crashAt.when === when) throw new ExecutionDied();
	};
	const onStage = async (stage: Stage): Promise<void> => {
		running = stage;
		const record = world.migrations.records.get(request.migrationId);
		if (stage !== scenario.interrupt?.at || record === undefined || record.requested !== undefined) return;
		await world.migrations.update({ ...record, requested: scenario.interrupt.ask, version: record.version + 1 });
	};
	const executor = async (): Promise<void> => {
		const sleep = (ms: number): Promise<void> => world.scheduler.sleep(ms);
		for (const hook of [counting, others]) {
			try {
				await execute({ deps: world.deps(hook), request, sleep, onStage });
				break;
			} catch (error) {
				if (!(error instanceof ExecutionDied)) throw error;
			}
		}
		busy = false;
	};
	const client = async (name: string): Promise<void> => {
		const one = new Client(world, acknowledged, name);
		for (let i = 0; i < 400 && busy; i++) {
			const key = KEYS[world.scheduler.below(KEYS.length)] ?? "a";
			await (world.scheduler.random() < 0.5 ? one.write(key) : one.read(key));
			await world.scheduler.sleep(world.scheduler.random() * 30_000);
		}
	};
	const stream = async (): Promise<void> => {
		while (busy) {
			await world.deliverOne(others);
			await world.scheduler.sleep(500);
		}
	};
	await world.scheduler.run([executor, () => client("x"), () => client("y"), stream]);
	await checkSettled(world, request.migrationId, scenario.expected, acknowledged);
	return writes;
}

/** Crashes at each of the points and counts how many ended well. @throws with the first that did not */
async function crashAtEach(scenario: Scenario, points: readonly CrashPoint[]): Promise<void> {
	for (const [index, point] of points.entries()) {
		try {
			await simulate(scenario, SEED + index, point);
		} catch (error) {
			throw new Error(`seed ${SEED + index}, ${scenario.name}, crash ${point.when} write ${point.write} of ${point.stage}`, {
				cause: error,
			});
		}
	}
}

const pointsOf = (stage: Stage, writes: number): readonly CrashPoint[] =>
	Array.from({ length: writes }, (_, i) => (["before", "after"] as const).map((when) => ({ stage, write: i + 1, when }))).flat();

const scenarioNamed = (name: string): Scenario => {
	const found = SCENARIOS.find((scenario) => scenario.name === name);
	if (found === undefined) throw new Error(`no scenario ${name}`);
	return found;
};

/** Which scenario brings a stage to its work. */
const SCENARIO_OF: Partial<Record<Stage, Scenario>> = {
	[Stage.Cancel]: scenarioNamed("a move cancelled at Cutover"),
	[Stage.RollBack]: scenarioNamed("a move rolled back"),
};

describe("a stage that crashes before or after any of its writes", () => {
	const table: string[] = [];
	afterAll(() => {
		const header = ["stage            writes  crash points  ended in the same state"];
		process.stdout.write(`${[...header, ...table].join("\n")}\n`);
	});

	it.each(Object.values(Stage))("ends in the same state once recovered: %s", async (stage) => {
		const scenario = SCENARIO_OF[stage] ?? MOVE;
		// How many writes there are differs a little with who was faster: the most of a few runs.
		const counts = await Promise.all([0, 1, 2].map((i) => simulate(scenario, SEED + i)));
		const writes = Math.max(...counts.map((count) => count.get(stage) ?? 0));
		expect(writes).toBeGreaterThan(0);
		const points = pointsOf(stage, writes);
		await crashAtEach(scenario, points);
		table.push(`${stage.padEnd(15)}  ${String(writes).padStart(6)}  ${String(points.length).padStart(12)}  ${points.length}`);
	});
});

/** Of the other scenarios every twelfth point, or all with HELIOTROPE_SIMULATION=full. */
const STRIDE = process.env["HELIOTROPE_SIMULATION"] === "full" ? 1 : 12;

describe("a migration whose execution dies at a write", () => {
	it.each(SCENARIOS)("ends in the same state: $name", async (scenario) => {
		const writes = await simulate(scenario, SEED);
		const all = [...writes].flatMap(([stage, count]) => pointsOf(stage, count));
		expect(all.length).toBeGreaterThan(10);
		await crashAtEach(
			scenario,
			all.filter((_, i) => i % STRIDE === SCENARIOS.indexOf(scenario) % STRIDE),
		);
	});
});
