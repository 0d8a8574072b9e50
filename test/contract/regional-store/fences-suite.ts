import { describe, expect, it } from "vitest";
import type { FenceChange } from "#domain/partition/fence.ts";

import { AWAY, fence, freshBucket, type Subject, setFence } from "./fixtures.ts";

/** What fences promise. */
export function describeFences(subject: Subject): void {
	describe("fences", () => {
		it("are absent at first, and read back as written", async () => {
			const ref = freshBucket();
			expect(await subject.store.readFence(ref)).toBeUndefined();
			const next = fence({ peers: [AWAY], migrationId: "m1", mode: "guarded" });
			expect(await subject.store.changeFences(ref.partition, [{ bucket: 0, expect: "absent", next }])).toBe("applied");
			expect(await subject.store.readFence(ref)).toEqual({ ...next, seq: 0 });
			expect(await subject.store.changeFences(ref.partition, [{ bucket: 0, expect: "absent", next }])).toBe("refused");
		});

		it("of all buckets change together or not at all", async () => {
			const { partition } = freshBucket();
			const all = Array.from({ length: 64 }, (_, bucket): FenceChange => ({ bucket, expect: "absent", next: fence({ buckets: 64 }) }));
			expect(await subject.store.changeFences(partition, all)).toBe("applied");
			const raise = all.map(
				({ bucket }): FenceChange => ({ bucket, expect: { epoch: bucket === 40 ? 9 : 1 }, next: fence({ buckets: 64, epoch: 2 }) }),
			);
			expect(await subject.store.changeFences(partition, raise)).toBe("refused");
			expect((await subject.store.readFences(partition, 64)).map((one) => one?.epoch)).toEqual(Array(64).fill(1));
		});

		it.each([
			[{ role: "leader" }, "applied"],
			[{ role: ["follower", "leader"] }, "applied"],
			[{ role: "follower" }, "refused"],
			[{ epoch: 3 }, "applied"],
			[{ epoch: 2 }, "refused"],
			[{ mode: "steady" }, "refused"],
			[{ migrationId: "m1" }, "applied"],
			[{ migrationId: "m2" }, "refused"],
			[{ migrationId: null }, "refused"],
			[{ role: "leader", epoch: 3, mode: "guarded", migrationId: "m1" }, "applied"],
			[{}, "applied"],
		] as const)("expecting %j of leader, guarded, epoch 3, m1: %s", async (expectation, outcome) => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ epoch: 3, mode: "guarded", migrationId: "m1" }));
			const change: FenceChange = { bucket: 0, expect: expectation, next: fence({ epoch: 4 }) };
			expect(await subject.store.changeFences(ref.partition, [change])).toBe(outcome);
		});

		it("expecting anything of an absent fence is refused, expecting no migration where there is none applies", async () => {
			const ref = freshBucket();
			expect(await subject.store.changeFences(ref.partition, [{ bucket: 0, expect: {}, next: fence() }])).toBe("refused");
			await setFence(subject.store, ref, fence());
			expect(await subject.store.changeFences(ref.partition, [{ bucket: 0, expect: { migrationId: null }, next: fence() }])).toBe(
				"applied",
			);
		});

		it("keep seq unless it is given, and lose what the next does not have", async () => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ seq: 7, migrationId: "m1", expiresAt: 4_000_000_000 }));
			await setFence(subject.store, ref, fence({ epoch: 2 }));
			expect(await subject.store.readFence(ref)).toEqual({ ...fence({ epoch: 2 }), seq: 7 });
			await setFence(subject.store, ref, fence({ seq: 1 }));
			expect((await subject.store.readFence(ref))?.seq).toBe(1);
			await setFence(subject.store, ref, "delete");
			expect(await subject.store.readFence(ref)).toBeUndefined();
		});

		it("count as absent once expired", async () => {
			const ref = freshBucket();
			const expiresAt = Math.floor(subject.clock.nowMs() / 1000) + 10;
			await setFence(subject.store, ref, fence({ role: "moved", expiresAt }));
			expect((await subject.store.readFence(ref))?.role).toBe("moved");
			subject.clock.advance(11_000);
			expect(await subject.store.readFence(ref)).toBeUndefined();
			expect(await subject.store.readFences(ref.partition, 1)).toEqual([undefined]);
			const change = (expect: FenceChange["expect"]): FenceChange => ({ bucket: 0, expect, next: fence({ role: "joining" }) });
			expect(await subject.store.changeFences(ref.partition, [change({ role: "moved" })])).toBe("refused");
			expect(await subject.store.changeFences(ref.partition, [change("absent")])).toBe("applied");
			expect(await subject.store.readFence(ref)).toMatchObject({ role: "joining" });
			expect((await subject.store.readFence(ref))?.expiresAt).toBeUndefined();
		});
	});
}
