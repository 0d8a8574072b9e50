import { expect, it } from "vitest";
import { type FindDeps, findOrphans } from "#domain/orphans/find-orphans.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { MemoryOrphans, memoryScanner } from "#simulation/stores/memory-orphans.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MemoryMetadata } from "#test/__helpers__/memory-metadata-store.ts";
import { A, B, C } from "#test/simulation/migration/migration-world.ts";

const REGIONS = [A, B, C];

/** A partition: where its record says its copies are, and where fences of copies are. */
const partitionArbitrary = fc.record({
	recorded: fc.boolean(),
	phase: fc.constantFrom(Phase.Active, Phase.Migrating),
	listed: fc.uniqueArray(fc.constantFrom(...REGIONS), { minLength: 1 }),
	copies: fc.uniqueArray(fc.constantFrom(...REGIONS)),
});

async function worldOf(partitions: readonly (typeof partitionArbitrary extends fc.Arbitrary<infer T> ? T : never)[]) {
	const clock = new ManualClock();
	const metadata = new MemoryMetadata();
	const stores = new Map(REGIONS.map((region) => [region, new MemoryRegionalStore(region, clock)]));
	const storeOf = (region: (typeof REGIONS)[number]): MemoryRegionalStore => {
		const store = stores.get(region);
		if (store === undefined) throw new Error(`no region ${region}`);
		return store;
	};
	const expected: string[] = [];
	for (const [index, { recorded, phase, listed, copies }] of partitions.entries()) {
		const partition = partitionId(`p${index}`);
		const [leader = A, ...followers] = listed;
		const times = { createdAtMs: 0, updatedAtMs: 0, leaderSinceMs: 0 };
		const record: PartitionRecord = { partition, leader, followers, epoch: 2, phase, buckets: 2, version: 1, ...times };
		if (recorded) metadata.control.set(partition, record);
		for (const region of copies) {
			const next = { role: FenceRole.Follower, epoch: 2, mode: WriteMode.Steady, peers: [], leader, buckets: 2 };
			await storeOf(region).changeFences(
				partition,
				[0, 1].map((bucket) => ({ bucket, expect: "absent", next })),
			);
			if (!recorded || (phase === Phase.Active && !listed.includes(region))) expected.push(`${region}#${partition}`);
		}
	}
	return { clock, metadata, storeOf, expected };
}

it("a walk in runs of any length meets every orphan and nothing else, whatever the size of pages", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(partitionArbitrary, { maxLength: 8 }),
			fc.integer({ min: 1, max: 5 }),
			fc.integer({ min: 1, max: 4 }),
			fc.option(fc.constantFrom(...REGIONS), { nil: undefined }),
			async (partitions, perPage, pages, lost) => {
				const { clock, metadata, storeOf, expected } = await worldOf(partitions);
				const orphans = new MemoryOrphans();
				const scan = memoryScanner(storeOf, perPage);
				const deps: FindDeps = {
					scan: async (region, from) => {
						if (region === lost) throw new UnavailableError("cut off");
						return scan(region, from);
					},
					stores: storeOf,
					metadata: metadata.store(),
					orphans,
					regions: REGIONS,
					clock,
				};
				let runs = 0;
				for (let finished = false; !finished; runs++) {
					({ finished } = await findOrphans(deps, { untilMs: Number.POSITIVE_INFINITY, pages }));
					expect(runs).toBeLessThan(200);
				}
				expect([...orphans.reports.keys()].sort()).toEqual(expected.filter((key) => !key.startsWith(`${lost}#`)).sort());
				expect(orphans.walks.current).toBeUndefined();
				expect(orphans.walks.last?.skipped).toEqual(lost === undefined ? [] : [lost]);
			},
		),
		{ numRuns: 150 },
	);
});
