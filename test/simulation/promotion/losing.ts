import { expect } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { P } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";
import { NO_HOOK, type PromotionWorld } from "./promotion-world.ts";

/** Runs one actor with nobody else around. */
export async function alone<T>(world: PromotionWorld, work: () => Promise<T>): Promise<T> {
	const results: T[] = [];
	await world.scheduler.run([
		async () => {
			results.push(await work());
		},
	]);
	return results[0] as T;
}

/** Nobody reaches the region. */
export function lose(world: PromotionWorld, region: RegionId): void {
	world.cut.add(region);
	world.off.add(region);
}

/** As it was when it went. */
export function comesBack(world: PromotionWorld, region: RegionId): void {
	world.cut.delete(region);
	world.off.delete(region);
}

/** A normal migration, to its end; the name of its last state. */
export async function addFollower(world: PromotionWorld, region: RegionId): Promise<string> {
	const epoch = world.metadata.control.get(P)?.epoch ?? 0;
	const request: MigrationRequest = {
		...requestFor({ actions: [{ addFollower: region }] }),
		migrationId: migrationIdOf(P, epoch),
		epoch,
		soakSeconds: 0,
	};
	return execute({ deps: world.deps(NO_HOOK), request, sleep: async (ms) => world.clock.advance(ms) });
}

/** The lost regions return, are reclaimed, and follow again. */
export async function restore(world: PromotionWorld): Promise<void> {
	for (const { region } of world.metadata.control.get(P)?.lost ?? []) {
		comesBack(world, region);
		expect(await world.reclaim(region), `reclaiming ${region}`).toBe("reclaimed");
		expect(world.items(region)).toEqual([]);
		expect(await addFollower(world, region)).toBe("Ended");
	}
	await world.drainStreams();
}
