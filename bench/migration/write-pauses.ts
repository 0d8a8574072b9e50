import type { Samples } from "#bench/benchmark.ts";
import { openDataPlanes, type PutItem } from "#bench/migration/data-planes.ts";
import { migrate } from "#bench/migration/migrate.ts";
import { createPartition, makeItems, preload } from "#bench/migration/partitions.ts";
import { measureRoundTrip } from "#bench/migration/round-trip.ts";
import type { MigrationBenchSizes } from "#bench/migration/sizes.ts";
import { AWAY, HOME, type MigrationWorld, openWorld } from "#bench/migration/world.ts";
import { Writer } from "#bench/migration/writer.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { moveActions, type PlanAction } from "#domain/migration/request.ts";
import { Stage } from "#domain/migration/stages.ts";
import { type PartitionId, partitionId } from "#domain/partition/partition-id.ts";

/** What a pause may add to four round-trips, in ms. */
const ALLOWANCE_MS = 100;
const ROUND_TRIP = "a GetItem from one region in the other";

interface Move {
	readonly partition: PartitionId;
	readonly from: RegionId;
	readonly actions: readonly PlanAction[];
}

/** How long a writer near the old leader goes without an acknowledgement while leadership moves, against the round-trip between the regions. */
export async function measureWritePauses(sizes: MigrationBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`${sizes.lanes} partitions that move ${sizes.moves} times under writers`);
	await using stack = new AsyncDisposableStack();
	const world = await openWorld(stack);
	const put = openDataPlanes(world);
	const lanes = await Promise.all(
		Array.from({ length: sizes.lanes }, async (_, lane) => {
			const partition = partitionId(`lane-${lane}`);
			await createPartition(world, partition, HOME);
			await preload(world, [HOME], makeItems(partition, sizes.items, world.clock.nowMs()));
			return partition;
		}),
	);
	world.setDistance(true);
	const roundTrips = await measureRoundTrip(world, sizes.lanes * sizes.moves);
	const pauses = { leaving: [] as number[], returning: [] as number[] };
	await Promise.all(
		lanes.map(async (partition) => {
			for (let move = 0; move < sizes.moves; move += 1) {
				const [from, to] = move % 2 === 0 ? [HOME, AWAY] : [AWAY, HOME];
				const pauseMs = await pauseOf(world, put, { partition, from, actions: moveActions(from, to) });
				(from === HOME ? pauses.leaving : pauses.returning).push(pauseMs);
			}
		}),
	);
	const rttMs = roundTrips.toSorted((a, b) => a - b)[Math.floor(roundTrips.length / 2)] ?? world.rttMs;
	const common = { unit: "ms", baselineOf: ROUND_TRIP, target: { of: "p99", is: "at most", limit: 4 * rttMs + ALLOWANCE_MS } } as const;
	return [
		{ ...common, metric: "pause of writes, leaving the control region", ...paired(pauses.leaving, roundTrips) },
		{ ...common, metric: "pause of writes, moving to the control region", ...paired(pauses.returning, roundTrips) },
	];
}

/** As many baseline samples as there are values. */
const paired = (values: readonly number[], baselineValues: readonly number[]) => ({
	values,
	baselineValues: baselineValues.slice(0, values.length),
});

/** The pause that a migration causes, in ms. Writing begins when the copy begins, so that there is a journal to carry. */
export async function pauseOf(
	world: MigrationWorld,
	put: PutItem,
	{ partition, from, actions }: Move,
	onCutover = () => {},
): Promise<number> {
	let cutoverMs = 0;
	let pauseMs = 0;
	const writer = new Writer(world, put, partition, from);
	const cutoverEnds: Promise<void>[] = [];
	await migrate(world, partition, actions, {
		writers: true,
		before: (stage) => {
			if (stage !== Stage.Cutover) return;
			onCutover();
			cutoverMs = performance.now();
		},
		after: (stage) => {
			if (stage !== Stage.Cutover) return;
			cutoverEnds.push(
				writer.nextAcknowledgement().then(() => {
					pauseMs = writer.longestPauseMs(cutoverMs, performance.now());
				}),
			);
		},
	});
	await Promise.all(cutoverEnds);
	await writer.stop();
	return pauseMs;
}
