import type { Samples } from "#bench/benchmark.ts";
import { migrate, totalMs } from "#bench/migration/migrate.ts";
import { createPartition, makeItems, preload } from "#bench/migration/partitions.ts";
import type { MigrationBenchSizes } from "#bench/migration/sizes.ts";
import { AWAY, HOME, openWorld } from "#bench/migration/world.ts";
import { moveActions } from "#domain/migration/request.ts";
import { partitionId } from "#domain/partition/partition-id.ts";

/** What the stages of a transfer between standing copies work, against those of a move of as many items; the waits are the same for both. */
export async function measureTransferTime(sizes: MigrationBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`transfers and full moves of ${sizes.small} items`);
	await using stack = new AsyncDisposableStack();
	const world = await openWorld(stack);
	const [standing, moving] = [partitionId("standing"), partitionId("moving")];
	for (const partition of [standing, moving]) {
		await createPartition(world, partition, HOME);
		await preload(world, [HOME], makeItems(partition, sizes.small, world.clock.nowMs()));
	}
	await migrate(world, standing, [{ addFollower: AWAY }]);
	world.setDistance(true);
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let transfer = 0; transfer < sizes.transfers; transfer += 1) {
		const [from, to] = transfer % 2 === 0 ? [HOME, AWAY] : [AWAY, HOME];
		values.push(totalMs(await migrate(world, standing, [{ transferLeadership: to }])));
		baselineValues.push(totalMs(await migrate(world, moving, moveActions(from, to))));
	}
	const baselineOf = "a full move of as many items";
	return [{ metric: `transfer of leadership, ${sizes.small} items`, unit: "ms", values, baselineOf, baselineValues }];
}
