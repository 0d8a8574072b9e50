import { expect } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { type DataPlaneWorld, P } from "#test/__helpers__/data-plane-world.ts";

/** A cutover of P, guarded before and after: fences the leader, carries its journal, lets the follower lead, lets the leader follow. */
export async function transferLeadership(
	world: DataPlaneWorld,
	{ from, to, epoch, carries = true }: { from: RegionId; to: RegionId; epoch: number; carries?: boolean },
): Promise<void> {
	const common = { mode: "guarded", epoch } as const;
	await world.store(from).changeFences(
		P,
		bucketsOf(P, 2).map(({ bucket }) => ({
			bucket,
			expect: { role: "leader" },
			next: { ...common, role: "fenced", peers: [to], leader: from, buckets: 2 },
		})),
	);
	for (const ref of carries ? bucketsOf(P, 2) : []) {
		for (const entry of (await world.store(from).listJournal(ref, { limit: 1000 })).entries) {
			const item = await world.store(from).readItem(ref, entry.key);
			if (item !== undefined) expect(await world.store(to).carry(ref, item, { epoch })).not.toBe("refused");
		}
	}
	const next = { mode: "guarded", epoch: epoch + 1, leader: to, buckets: 2 } as const;
	await world.store(to).changeFences(
		P,
		bucketsOf(P, 2).map(({ bucket }) => ({
			bucket,
			expect: { role: "follower", epoch },
			next: { ...next, role: "leader", peers: [from] },
		})),
	);
	await world.store(from).changeFences(
		P,
		bucketsOf(P, 2).map(({ bucket }) => ({ bucket, expect: { role: "fenced" }, next: { ...next, role: "follower", peers: [] } })),
	);
}
