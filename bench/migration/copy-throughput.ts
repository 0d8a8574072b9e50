import type { Samples } from "#bench/benchmark.ts";
import { timed } from "#bench/local/stopwatch.ts";
import { migrate } from "#bench/migration/migrate.ts";
import { batchWrite, createPartition, makeItems } from "#bench/migration/partitions.ts";
import type { MigrationBenchSizes } from "#bench/migration/sizes.ts";
import { AWAY, HOME, openWorld } from "#bench/migration/world.ts";
import { Stage } from "#domain/migration/stages.ts";
import { partitionId } from "#domain/partition/partition-id.ts";

/** Of what the loop achieves. */
const LIMIT = 0.7;

/** Items a second of Synchronize, which also reads them, against BatchWriteItem calls with the same items from memory. Without distance. */
export async function measureCopyThroughput(sizes: MigrationBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`copies of ${sizes.copyItems} items and BatchWrite loops over them`);
	await using stack = new AsyncDisposableStack();
	const world = await openWorld(stack);
	const [source, target] = [world.engineClient(HOME), world.engineClient(AWAY)];
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let copy = 0; copy < sizes.copies; copy += 1) {
		const nowMs = world.clock.nowMs();
		const plain = makeItems(partitionId(`plain-${copy}`), sizes.copyItems, nowMs);
		baselineValues.push(rate(sizes, await timed(() => batchWrite(target, plain))));
		const partition = partitionId(`copied-${copy}`);
		await createPartition(world, partition, HOME);
		await batchWrite(source, makeItems(partition, sizes.copyItems, nowMs));
		const workMs = await migrate(world, partition, [{ addFollower: AWAY }]);
		values.push(rate(sizes, workMs.get(Stage.Synchronize) ?? Number.NaN));
	}
	const baselineOf = "a loop of BatchWriteItem, 25 items a call, at the target's engine itself";
	const goal = { of: "ratio", is: "at least", limit: LIMIT } as const;
	return [{ metric: "copy throughput of Synchronize", unit: "items/s", values, baselineOf, baselineValues, target: goal }];
}

const rate = ({ copyItems }: MigrationBenchSizes, ms: number): number => copyItems / (ms / 1000);
