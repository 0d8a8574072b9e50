import assert from "node:assert/strict";
import { expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { returnCopies } from "#domain/migration/promotion/return-copies.ts";
import { PARALLEL_BUCKETS } from "#domain/migration/settings.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { A, B, C, EPOCH, P } from "#test/simulation/migration/migration-world.ts";
import { NO_HOOK, PromotionWorld } from "./promotion-world.ts";

const PARTITIONS = 10 * PARALLEL_BUCKETS;

it("asks a region that does not answer once, not once a partition", async () => {
	const world = new PromotionWorld(1);
	await world.settle([B], []);
	const known = world.metadata.control.get(P);
	assert(known !== undefined);
	const lost = [{ region: A, epoch: EPOCH + 2, sinceMs: 0 }];
	for (let i = 0; i < PARTITIONS; i++) {
		const partition = partitionId(`p${i}`);
		world.metadata.control.set(partition, { ...known, partition, leader: B, followers: [], epoch: EPOCH + 2, lost });
		await world.open.note(partition, 0);
	}
	world.cut.add(A);
	let asked = 0;
	const operator = world.operator(NO_HOOK);
	const stores = (region: RegionId) => {
		if (region === A) asked += 1;
		return operator.stores(region);
	};
	const lostWrites = () => ({ keep: async () => {} });
	const starter = { start: async () => "started" as const };
	const deps = { ...operator, clock: world.deps(NO_HOOK).clock, stores, lostWrites, starter, regions: [A, B, C] };
	const report = await returnCopies(deps, Number.POSITIVE_INFINITY);
	expect(report).toEqual({ open: PARTITIONS, away: [A], steps: [] });
	// As many as are worked on at once may have begun before the first has failed.
	expect(asked).toBeLessThanOrEqual(PARALLEL_BUCKETS);
});
