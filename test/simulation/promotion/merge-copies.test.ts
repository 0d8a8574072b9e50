import { expect, it } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { mergeCopies } from "#domain/migration/promotion/merge-copies.ts";
import { contextOf } from "#domain/migration/promotion/promotion.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const P = partitionId("acme");
const REF = { partition: P, bucket: 0 };
const [B, C, D] = ["us-east-1", "ap-northeast-1", "eu-central-1"].map(regionId) as [RegionId, RegionId, RegionId];
const PROMOTION = { target: B, keep: [C, D], epoch: 5, merged: {} };

/** Three followers held by a promotion; each lacks what the next one has. */
async function threeCopies() {
	const clock = new ManualClock();
	const stores = new Map([B, C, D].map((region) => [region, new MemoryRegionalStore(region, clock)]));
	const storeOf = (region: RegionId): MemoryRegionalStore => stores.get(region) ?? new MemoryRegionalStore(region, clock);
	for (const [i, region] of [B, C, D].entries()) {
		const fence = { role: FenceRole.Follower, epoch: 5, mode: WriteMode.Steady, peers: [], leader: B, buckets: 1, migrationId: "m" };
		await storeOf(region).changeFences(P, [{ bucket: 0, expect: "absent", next: fence }]);
		for (const key of ["a", "b", "c"]) {
			const version = { epoch: 3, n: key === "abc"[i] ? 9 : 7 };
			const item = { key, version, body: new Uint8Array([i]), contentType: "text/plain", deleted: false, requestId: key, writtenAtMs: 1 };
			await storeOf(region).carry(REF, item, { epoch: 5 });
		}
	}
	const held = (region: RegionId) => [...(storeOf(region).buckets.get(`${P}#0`)?.items.values() ?? [])].map(({ version }) => version.n);
	return { stores: storeOf, clock, held };
}

it("leaves every copy with the newest version that any of them had", async () => {
	const { stores, clock, held } = await threeCopies();
	const ctx = contextOf({ stores, clock }, { partition: P, buckets: 1 }, "m", Number.POSITIVE_INFINITY);
	expect((await mergeCopies(ctx, PROMOTION)).finished).toBe(true);
	expect([B, C, D].map(held)).toEqual([
		[9, 9, 9],
		[9, 9, 9],
		[9, 9, 9],
	]);
});

it("goes on where it had to stop", async () => {
	const { stores, clock, held } = await threeCopies();
	let merged = {};
	for (let runs = 1; runs < 100; runs++) {
		let looks = 0;
		// The clock has come to the deadline at the third look.
		const ticking = { nowMs: () => (++looks > 3 ? 1 : 0) };
		const ctx = contextOf({ stores, clock: ticking }, { partition: P, buckets: 1 }, "m", 1);
		const result = await mergeCopies(ctx, { ...PROMOTION, merged });
		merged = result.merged;
		if (!result.finished) continue;
		expect(runs).toBeGreaterThan(2);
		break;
	}
	expect([B, C, D].flatMap(held)).toEqual(Array(9).fill(9));
	expect(clock.nowMs()).toBeGreaterThan(0);
});
