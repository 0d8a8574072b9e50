import { describe, expect, it } from "vitest";
import type { Stage } from "#domain/migration/stages.ts";
import { ExecutionDied, execute } from "#simulation/engine/state-machine.ts";
import { checkSettled } from "./check-settled.ts";
import { type Acknowledged, Client } from "./clients.ts";
import { type Hook, MigrationWorld } from "./migration-world.ts";
import { MOVE, requestFor, SCENARIOS, type Scenario } from "./scenarios.ts";

const KEYS = ["a", "b", "c", "d"];

/** Every write of a plain move; of the other scenarios every fifth, or all with HELIOTROPE_SIMULATION=full. */
const stride = (scenario: Scenario): number => (scenario === MOVE || process.env["HELIOTROPE_SIMULATION"] === "full" ? 1 : 5);

/**
 * One scenario with two busy clients. The first execution dies before its `crashAt`-th write (so after the one before it), and another
 * one of the same request goes on. Returns the number of writes.
 */
async function simulate(scenario: Scenario, seed: number, crashAt?: number): Promise<number> {
	const world = new MigrationWorld(seed);
	const acknowledged: Acknowledged = new Map();
	const request = requestFor(scenario);
	await world.settle(scenario.followers, KEYS);
	const others: Hook = (when) => (when === "before" ? world.scheduler.turn() : undefined);
	let writes = 0;
	let busy = true;
	const counting: Hook = async (when, _operation, isWrite) => {
		await others(when, "", isWrite);
		if (!isWrite || when === "after") return;
		writes += 1;
		if (writes === crashAt) throw new ExecutionDied();
	};
	const onStage = async (stage: Stage): Promise<void> => {
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

describe("a migration whose execution dies at any write", () => {
	it.each(SCENARIOS)("ends in the same state: $name", async (scenario) => {
		const seed = 20_240_229;
		const first = scenario === MOVE ? 1 : 1 + (SCENARIOS.indexOf(scenario) % stride(scenario));
		const writes = await simulate(scenario, seed);
		expect(writes).toBeGreaterThan(5);
		for (let write = first; write <= writes; write += stride(scenario)) {
			try {
				await simulate(scenario, seed + write, write);
			} catch (error) {
				throw new Error(`seed ${seed + write}, crash before write ${write}`, { cause: error });
			}
		}
	});
});
