import { expect, it } from "vitest";
import { moveActions } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { A, B, MigrationWorld } from "./migration-world.ts";
import { requestFor } from "./scenarios.ts";

/** What a move of so many items in two buckets, with nobody writing, one canary step and three looks at its soak, costs in calls to stores. */
async function countCalls(items: number): Promise<ReadonlyMap<string, number>> {
	const world = new MigrationWorld(1);
	await world.settle(
		[],
		Array.from({ length: items }, (_, i) => `${String.fromCharCode(97 + (i % 2))}${i}`),
	);
	const calls = new Map<string, number>();
	const deps = world.deps((when, operation) => {
		if (when === "before") calls.set(operation, (calls.get(operation) ?? 0) + 1);
	});
	const request = { ...requestFor({ actions: moveActions(A, B) }), soakSeconds: 3 * MIGRATION_SETTINGS.soakTickSeconds };
	const sleep = (ms: number) => world.scheduler.sleep(ms);
	await world.scheduler.run([async () => expect(await execute({ deps, request, sleep })).toBe("Ended")]);
	return calls;
}

const total = (calls: ReadonlyMap<string, number>): number => [...calls.values()].reduce((sum, count) => sum + count, 0);

/** Each stage reads and writes the migration record (2 a run), and lists each bucket it works on (Cutover its journal three times), and notes where copies are (twice); little may come on top. */
it("a small move costs no more calls than its stages, buckets and fence changes need", async () => {
	const calls = await countCalls(5);
	expect(Object.fromEntries(calls)).toMatchObject({ carryItems: 2, deleteItems: 2, readFences: 1 });
	expect(total(calls)).toBeLessThanOrEqual(87);
});

it("a page of items costs no more calls than one item", async () => {
	expect(total(await countCalls(200))).toBe(total(await countCalls(5)));
});

it("a cutover tells how long writers waited, which is far less than the stage took", async () => {
	const world = new MigrationWorld(1);
	await world.settle([], ["a0", "b1"]);
	const pauses: number[] = [];
	// A change of fences takes its time
	const slow = (when: string, operation: string) =>
		when === "before" && operation === "changeFences" ? world.scheduler.sleep(40) : undefined;
	const deps = { ...world.deps(slow), onPause: (ms: number) => void pauses.push(ms) };
	const request = { ...requestFor({ actions: moveActions(A, B) }), soakSeconds: MIGRATION_SETTINGS.soakSeconds };
	const sleep = (ms: number) => world.scheduler.sleep(ms);
	await world.scheduler.run([async () => expect(await execute({ deps, request, sleep })).toBe("Ended")]);
	expect(pauses).toHaveLength(1);
	expect(pauses[0]).toBeGreaterThanOrEqual(40);
	const { startedAtMs = 0, endedAtMs = 0 } =
		(await deps.migrations.read(request.migrationId))?.history.find(({ stage }) => stage === "Cutover") ?? {};
	expect(pauses[0]).toBeLessThan(endedAtMs - startedAtMs);
});
