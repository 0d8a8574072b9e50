import { describe, expect, it } from "vitest";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { compareVersions } from "#domain/partition/version.ts";
import { fence, freshBucket, item, put, remove, type Subject, setFence, v } from "./fixtures.ts";

/** What carrying, deleting for good and listing promise: what copies are kept equal by. */
export function describeCopies(subject: Subject): void {
	describe("carry", () => {
		it("stores what is newer, as it is, tombstones included", async () => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ role: "joining", migrationId: "m1" }));
			const guard = { epoch: 1, migrationId: "m1" };
			const tombstone = item("k", v(1, 8), { deleted: true, body: new Uint8Array(), contentType: "", expiresAt: 4_000_000_000 });
			expect(await subject.store.carry(ref, item("k", v(1, 7)), guard)).toBe("stored");
			expect(await subject.store.carry(ref, tombstone, guard)).toBe("stored");
			expect(await subject.store.carry(ref, tombstone, guard)).toBe("already-newer");
			expect(await subject.store.carry(ref, item("k", v(1, 7)), guard)).toBe("already-newer");
			expect(await subject.store.readItem(ref, "k")).toEqual(tombstone);
			await setFence(subject.store, ref, fence({ role: "follower", epoch: 2 }));
			expect(await subject.store.carry(ref, item("k", v(2, 1)), { epoch: 2 })).toBe("stored");
		});

		it.each([
			["absent", undefined],
			["leader", fence({ migrationId: "m1" })],
			["fenced", fence({ role: "fenced", migrationId: "m1" })],
			["removing", fence({ role: "removing", migrationId: "m1" })],
			["moved", fence({ role: "moved", migrationId: "m1" })],
			["aborted", fence({ role: "aborted", migrationId: "m1" })],
			["of another epoch", fence({ role: "follower", epoch: 2, migrationId: "m1" })],
			["of another migration", fence({ role: "follower", migrationId: "m2" })],
			["of no migration", fence({ role: "follower" })],
		])("is refused by a fence that is %s", async (_, next) => {
			const ref = freshBucket();
			if (next !== undefined) await setFence(subject.store, ref, next);
			expect(await subject.store.carry(ref, item("k", v(1, 7)), { epoch: 1, migrationId: "m1" })).toBe("refused");
			expect(await subject.store.readItem(ref, "k")).toBeUndefined();
		});

		it("without a migration in its guard asks for role and epoch only", async () => {
			const ref = freshBucket();
			await setFence(subject.store, ref, fence({ role: "follower", migrationId: "m2" }));
			expect(await subject.store.carry(ref, item("k", v(1, 7)), { epoch: 1 })).toBe("stored");
		});
	});

	it("a journal entry goes only with the version that was carried", async () => {
		const ref = freshBucket();
		await setFence(subject.store, ref, fence({ mode: "guarded" }));
		const first = await subject.store.writeGuarded(ref, put("k"), 1);
		const second = await subject.store.writeGuarded(ref, put("k"), 1);
		if (first.kind !== "written" || second.kind !== "written") throw new Error("not written");
		expect(await subject.store.removeJournalEntry(ref, "k", first.version)).toBe("newer");
		expect(await subject.store.removeJournalEntry(ref, "k", second.version)).toBe("removed");
		expect(await subject.store.removeJournalEntry(ref, "k", second.version)).toBe("absent");
		expect(await subject.store.listJournal(ref, { limit: 10 })).toEqual({ entries: [] });
	});

	it("a page of items is carried as each of them would be", async () => {
		const ref = freshBucket();
		await setFence(subject.store, ref, fence({ role: "joining", migrationId: "m1" }));
		const guard = { epoch: 1, migrationId: "m1" };
		const keys = Array.from({ length: 230 }, (_, i) => `k${String(i).padStart(3, "0")}`);
		await subject.store.carry(ref, item("k003", v(1, 9)), guard);
		await subject.store.carry(ref, item("k150", v(1, 7)), guard);
		const page = keys.map((key) => item(key, v(1, 7)));
		expect(await subject.store.carryItems(ref, page, guard)).toBe("carried");
		expect(await subject.store.carryItems(ref, page, guard)).toBe("carried");
		expect(await subject.store.carryItems(ref, [], guard)).toBe("carried");
		const held = await subject.store.listItems(ref, { limit: 300 });
		expect(held.entries.map(({ key }) => key)).toEqual(keys);
		expect(held.entries.filter(({ version }) => version.n !== 7).map(({ key, version }) => [key, version.n])).toEqual([["k003", 9]]);
		expect(await subject.store.carryItems(ref, [item("k000", v(1, 8))], { ...guard, epoch: 2 })).toBe("refused");
		expect(await subject.store.carryItems(ref, [item("k000", v(1, 8))], { epoch: 1, migrationId: "m2" })).toBe("refused");
		await setFence(subject.store, ref, fence({ migrationId: "m1" }));
		expect(await subject.store.carryItems(ref, [item("k000", v(1, 8))], guard)).toBe("refused");
		expect((await subject.store.readItem(ref, "k000"))?.version.n).toBe(7);
	});

	it("a page of large items is carried whatever a transaction may weigh", async () => {
		const ref = freshBucket();
		await setFence(subject.store, ref, fence({ role: "follower" }));
		const body = new Uint8Array(256 * 1024).fill(7);
		const page = Array.from({ length: 18 }, (_, i) => item(`k${i}`, v(1, 7), { body }));
		expect(await subject.store.carryItems(ref, page, { epoch: 1 })).toBe("carried");
		for (const { key } of page) expect((await subject.store.readItem(ref, key))?.body.length).toBe(body.length);
	});

	it("a page of items is deleted for good under the conditions of each", async () => {
		const ref = freshBucket();
		await setFence(subject.store, ref, fence({ role: "joining", migrationId: "m1" }));
		const guard = { epoch: 1, migrationId: "m1" };
		const page = Array.from({ length: 120 }, (_, i) => item(`k${i}`, v(1, 7)));
		await subject.store.carryItems(ref, page, guard);
		expect(await subject.store.deleteItems(ref, page, guard)).toBe("refused");
		await setFence(subject.store, ref, fence({ role: "removing", migrationId: "m1" }));
		expect(await subject.store.deleteItems(ref, page, { ...guard, epoch: 2 })).toBe("refused");
		expect(await subject.store.deleteItems(ref, [item("k5", v(1, 6))], guard)).toBe("newer");
		expect((await subject.store.readItem(ref, "k5"))?.version.n).toBe(7);
		expect(await subject.store.deleteItems(ref, page, guard)).toBe("deleted");
		expect(await subject.store.deleteItems(ref, page, guard)).toBe("deleted");
		expect(await subject.store.listItems(ref, { limit: 10 })).toEqual({ entries: [] });
	});

	it("items are deleted for good only while removing, and only at the proven version", async () => {
		const ref = freshBucket();
		await setFence(subject.store, ref, fence({ role: "follower", migrationId: "m1" }));
		const old = item("k", { epoch: 1, n: 7 });
		const guard = { epoch: 1, migrationId: "m1" };
		await subject.store.carry(ref, old, guard);
		expect(await subject.store.deleteItem(ref, "k", old.version, guard)).toBe("refused");
		await setFence(subject.store, ref, fence({ role: "removing", migrationId: "m1" }));
		expect(await subject.store.deleteItem(ref, "k", old.version, { ...guard, epoch: 2 })).toBe("refused");
		expect(await subject.store.deleteItem(ref, "k", old.version, { ...guard, migrationId: "m2" })).toBe("refused");
		expect(await subject.store.deleteItem(ref, "k", { epoch: 1, n: 6 }, guard)).toBe("newer");
		expect(await subject.store.deleteItem(ref, "k", old.version, guard)).toBe("deleted");
		expect(await subject.store.deleteItem(ref, "k", old.version, guard)).toBe("deleted");
		expect(await subject.store.readItem(ref, "k")).toBeUndefined();
	});

	it("lists come in byte order, by prefix, in pages, and see neither fence nor journal", async () => {
		const ref = freshBucket();
		await setFence(subject.store, ref, fence({ mode: "guarded" }));
		const keys = ["a", "a/1", "a/2", "b", "\uFF5E", "\u{1F600}", "a/\u{10FFFF}", "a0", "~"];
		for (const key of keys) await subject.store.writeGuarded(ref, put(key), 1);
		await subject.store.writeGuarded(ref, remove("b"), 1);
		const sorted = keys.toSorted(compareUtf8);
		const walk = async (prefix: string | undefined, limit: number): Promise<string[]> => {
			const seen: string[] = [];
			let after: string | undefined;
			do {
				const range = { limit, ...(prefix !== undefined && { prefix }), ...(after !== undefined && { after }) };
				const page = await subject.store.listItems(ref, range);
				expect(page.entries.length).toBeLessThanOrEqual(limit);
				seen.push(...page.entries.map((entry) => entry.key));
				after = page.next;
			} while (after !== undefined);
			return seen;
		};
		expect(await walk(undefined, 2)).toEqual(sorted);
		expect(await walk(undefined, 100)).toEqual(sorted);
		expect(await walk("a/", 1)).toEqual(["a/1", "a/2", "a/\u{10FFFF}"]);
		expect(await walk("zzz", 3)).toEqual([]);
		expect((await subject.store.listItems(ref, { prefix: "a", after: "b", limit: 5 })).entries).toEqual([]);
		expect((await subject.store.listItems(ref, { prefix: "b", after: "a", limit: 5 })).entries.map((e) => [e.key, e.deleted])).toEqual([
			["b", true],
		]);
	});

	it("versions of a key order by epoch, then number", () => {
		expect(compareVersions({ epoch: 2, n: 1 }, { epoch: 1, n: 9 })).toBeGreaterThan(0);
	});
}
