import type { Samples } from "#bench/benchmark.ts";
import { openDataPlanes } from "#bench/migration/data-planes.ts";
import { createPartition, makeItems, preload } from "#bench/migration/partitions.ts";
import type { MigrationBenchSizes } from "#bench/migration/sizes.ts";
import { AWAY, HOME, type MigrationWorld, openWorld, REGIONS } from "#bench/migration/world.ts";
import { pauseOf } from "#bench/migration/write-pauses.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";

/** The pause does not grow with the partition: this much is noise. */
const LIMIT = 1.3;

/** The pause of a large partition against that of a small one. Leadership goes there and back between two standing copies. */
export async function measurePauseBySize(sizes: MigrationBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`transfers of leadership with ${sizes.small} and with ${sizes.large} items`);
	await using stack = new AsyncDisposableStack();
	const world = await openWorld(stack);
	const put = openDataPlanes(world);
	const small = await standing(world, "small", sizes.small);
	const large = await standing(world, "large", sizes.large);
	const baselineValues: number[] = [];
	const values: number[] = [];
	for (let transfer = 0; transfer < sizes.transfers; transfer += 1) {
		const [from, to] = transfer % 2 === 0 ? [HOME, AWAY] : [AWAY, HOME];
		const pause = async (partition: PartitionId): Promise<number> => {
			// Comparing the copies takes long enough without distance; the pause is taken with it.
			world.setDistance(false);
			return pauseOf(world, put, { partition, from, actions: [{ transferLeadership: to }] }, () => world.setDistance(true));
		};
		baselineValues.push(await pause(small));
		values.push(await pause(large));
	}
	const metric = `pause of writes with ${sizes.large} items`;
	const baselineOf = `the same with ${sizes.small} items`;
	return [{ metric, unit: "ms", values, baselineOf, baselineValues, target: { of: "ratio", is: "at most", limit: LIMIT } }];
}

/** A partition with a complete copy in either region. */
async function standing(world: MigrationWorld, name: string, items: number): Promise<PartitionId> {
	const partition = partitionId(name);
	await createPartition(world, partition, HOME, [AWAY]);
	const placed = makeItems(partition, items, world.clock.nowMs());
	await preload(world, REGIONS, placed);
	return partition;
}
