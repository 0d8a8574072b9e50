import { timed } from "#bench/local/stopwatch.ts";
import { AWAY, HOME, type MigrationWorld } from "#bench/migration/world.ts";
import { partitionId } from "#domain/partition/partition-id.ts";

const NOBODY = { partition: partitionId("nobody"), bucket: 0 };

/** Wall ms of reads of one small record in the other region, one at a time. */
export async function measureRoundTrip(world: MigrationWorld, count: number): Promise<readonly number[]> {
	const store = world.storesFrom(HOME)(AWAY);
	await store.readFence(NOBODY);
	const values: number[] = [];
	for (let n = 0; n < count; n += 1) values.push(await timed(() => store.readFence(NOBODY)));
	return values;
}
