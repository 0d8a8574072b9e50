import { describe, expect, it } from "vitest";
import type { ItemWrite } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { TOMBSTONE_SECONDS } from "#domain/partition/settings.ts";
import { etagOf } from "#domain/partition/version.ts";

import { fence, freshBucket, leaseOf, put, remove, type Subject, setFence } from "./fixtures.ts";

/** What writes promise in either mode, and under the fence. */
export function describeWrites(subject: Subject): void {
	describe.each(["steady", "guarded"] as const)("%s writes", (mode) => {
		const at = async (epoch = 1): Promise<BucketRef> => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ mode, epoch }));
			return ref;
		};
		const write = (ref: BucketRef, one: ItemWrite, epoch = 1) =>
			mode === "steady" ? subject.store.writeSteady(ref, one, leaseOf(subject.clock, epoch)) : subject.store.writeGuarded(ref, one, epoch);

		it("create at the writer's subject.clock, then count up, across delete and re-creation", async () => {
			const ref = await at();
			const first = put("k");
			expect(await write(ref, first)).toEqual({ kind: "written", created: true, version: { epoch: 1, n: first.nowMs } });
			const second = put("k", { nowMs: first.nowMs - 500 });
			expect(await write(ref, second)).toEqual({ kind: "written", created: false, version: { epoch: 1, n: first.nowMs + 1 } });
			expect(await write(ref, remove("k"))).toEqual({ kind: "written", created: false, version: { epoch: 1, n: first.nowMs + 2 } });
			expect(await write(ref, put("k"))).toEqual({ kind: "written", created: true, version: { epoch: 1, n: first.nowMs + 3 } });
		});

		it("store what they were given", async () => {
			const ref = await at();
			const one = put("käse/\u{1F9C0}", { content: { body: new Uint8Array(256 * 1024).fill(7), contentType: "image/x; a=b" } });
			const outcome = await write(ref, one);
			expect(outcome.kind).toBe("written");
			expect(await subject.store.readItem(ref, one.key)).toEqual({
				key: one.key,
				version: { epoch: 1, n: one.nowMs },
				body: one.content?.body,
				contentType: "image/x; a=b",
				deleted: false,
				requestId: one.requestId,
				writtenAtMs: one.nowMs,
			});
			await write(ref, put("empty", { content: { body: new Uint8Array(), contentType: "" } }));
			expect(await subject.store.readItem(ref, "empty")).toMatchObject({ body: new Uint8Array(), deleted: false });
		});

		it("delete by a tombstone that expires, and re-creation loses the expiry", async () => {
			const ref = await at();
			await write(ref, put("k"));
			const gone = remove("k");
			await write(ref, gone);
			expect(await subject.store.readItem(ref, "k")).toMatchObject({
				deleted: true,
				body: new Uint8Array(),
				expiresAt: gone.nowMs / 1000 + TOMBSTONE_SECONDS,
			});
			expect(await write(ref, remove("k"))).toEqual({ kind: "not-found" });
			expect(await write(ref, remove("never"))).toEqual({ kind: "not-found" });
			await write(ref, put("k"));
			expect((await subject.store.readItem(ref, "k"))?.expiresAt).toBeUndefined();
		});

		it("heed If-None-Match: *", async () => {
			const ref = await at();
			const precondition = { kind: "if-none-match-any" } as const;
			const first = put("k", { precondition });
			expect(await write(ref, first)).toMatchObject({ kind: "written", created: true });
			const version = { epoch: 1, n: first.nowMs };
			expect(await write(ref, put("k", { precondition }))).toEqual({ kind: "precondition-failed", current: version });
			await write(ref, remove("k"));
			expect(await write(ref, put("k", { precondition }))).toMatchObject({ kind: "written", created: true });
		});

		it("heed If-Match, its lists, * and tags never given out", async () => {
			const ref = await at();
			const match = (etag: string) => ({ precondition: { kind: "if-match", etag } as const });
			const failed = { kind: "precondition-failed", current: undefined };
			expect(await write(ref, put("k", match("*")))).toEqual(failed);
			expect(await write(ref, put("k", match('"1-1"')))).toEqual(failed);
			const made = await write(ref, put("k"));
			const version = made.kind === "written" ? made.version : { epoch: 0, n: 0 };
			for (const etag of ['"1-1"', `W/${etagOf(version)}`, '"nonsense"', ""])
				expect(await write(ref, put("k", match(etag)))).toEqual({ kind: "precondition-failed", current: version });
			expect(await write(ref, remove("k", match('"1-1"')))).toEqual({ kind: "precondition-failed", current: version });
			expect(await write(ref, put("k", match(`"1-1", ${etagOf(version)}`)))).toMatchObject({ kind: "written", created: false });
			expect(await write(ref, put("k", match("*")))).toMatchObject({ kind: "written", created: false });
			const current = (await subject.store.readItem(ref, "k"))?.version ?? version;
			expect(await write(ref, remove("k", match(etagOf(current))))).toMatchObject({ kind: "written" });
			expect(await write(ref, put("k", match(etagOf(current))))).toEqual(failed);
		});

		it("count once when the same request comes again", async () => {
			const ref = await at();
			const first = put("k");
			const made = await write(ref, first);
			expect(await write(ref, first)).toEqual(made);
			expect(await write(ref, { ...first, precondition: { kind: "if-none-match-any" } })).toEqual(made);
			const second = put("k");
			const replaced = await write(ref, second);
			expect(replaced).toMatchObject({ created: false });
			expect(await write(ref, second)).toEqual(replaced);
			const gone = remove("k");
			const deleted = await write(ref, gone);
			expect(await write(ref, gone)).toEqual(deleted);
			const again = put("k");
			const recreated = await write(ref, again);
			expect(recreated).toMatchObject({ created: true });
			expect(await write(ref, again)).toEqual(recreated);
		});

		it("go on counting in a later epoch and are refused in an earlier one", async () => {
			const ref = await at(1);
			await write(ref, put("k"), 1);
			await setFence(subject.store, ref, fence({ mode, epoch: 5 }));
			const later = await write(ref, put("k"), 5);
			expect(later).toMatchObject({ kind: "written", created: false, version: { epoch: 5 } });
			expect(await write(ref, put("k"), 1)).toEqual({ kind: "fence-changed" });
			expect((await subject.store.readItem(ref, "k"))?.version.epoch).toBe(5);
		});
	});

	it("a steady write needs a lease that still runs", async () => {
		const ref = freshBucket();
		expect(await subject.store.writeSteady(ref, put("k"), { epoch: 1, validUntilMs: subject.clock.nowMs() })).toEqual({
			kind: "fence-changed",
		});
		expect(await subject.store.readItem(ref, "k")).toBeUndefined();
	});

	describe("guarded writes and the fence", () => {
		it("raise seq and journal the key with its version", async () => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ mode: "guarded", seq: 3 }));
			await subject.store.writeGuarded(ref, put("a"), 1);
			await subject.store.writeGuarded(ref, put("b"), 1);
			const last = await subject.store.writeGuarded(ref, put("a"), 1);
			expect((await subject.store.readFence(ref))?.seq).toBe(6);
			const journal = await subject.store.listJournal(ref, { limit: 10 });
			expect(journal.entries.map((entry) => entry.key)).toEqual(["a", "b"]);
			expect(last).toMatchObject({ version: journal.entries[0]?.version });
		});

		it.each([
			["no fence", undefined],
			["steady", fence()],
			["another epoch", fence({ mode: "guarded", epoch: 2 })],
			["fenced", fence({ mode: "guarded", role: "fenced" })],
			["follower", fence({ mode: "guarded", role: "follower" })],
		])("never land on %s, nor answer from there", async (_, other) => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ mode: "guarded" }));
			await subject.store.writeGuarded(ref, put("k"), 1);
			await setFence(subject.store, ref, other ?? "delete");
			const before = await subject.store.readItem(ref, "k");
			expect(await subject.store.writeGuarded(ref, put("k"), 1)).toEqual({ kind: "fence-changed" });
			expect(await subject.store.writeGuarded(ref, remove("none"), 1)).toEqual({ kind: "fence-changed" });
			const failing = put("k", { precondition: { kind: "if-none-match-any" } });
			expect(await subject.store.writeGuarded(ref, failing, 1)).toEqual({ kind: "fence-changed" });
			expect(await subject.store.readItem(ref, "k")).toEqual(before);
		});

		it("of many writers at once all count, each once", async () => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ mode: "guarded" }));
			const outcomes = await Promise.all(Array.from({ length: 5 }, () => subject.store.writeGuarded(ref, put("k"), 1)));
			const numbers = outcomes.map((outcome) => (outcome.kind === "written" ? outcome.version.n : 0)).sort();
			expect(numbers).toEqual([0, 1, 2, 3, 4].map((i) => 1_700_000_000_000 + i));
			expect((await subject.store.readFence(ref))?.seq).toBe(5);
		});
	});
}
