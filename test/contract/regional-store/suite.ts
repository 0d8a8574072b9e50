import { beforeAll, describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import type { Fence, FenceChange } from "#domain/partition/fence.ts";
import type { ItemWrite, StoredItem } from "#domain/partition/item.ts";
import { type BucketRef, partitionId } from "#domain/partition/partition-id.ts";
import { TOMBSTONE_SECONDS } from "#domain/partition/settings.ts";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { compareVersions, etagOf, type Version } from "#domain/partition/version.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

export const HOME = regionId("eu-west-1");
export const AWAY = regionId("us-east-1");

/** An implementation under test; the store uses the given clock. */
export type MakeStore = (clock: ManualClock) => RegionalStore;

/** A fence as tests change single fields of it. */
export const fence = (changes: Partial<Fence> = {}): Omit<Fence, "seq"> & { readonly seq?: number } => ({
	role: "leader",
	epoch: 1,
	mode: "steady",
	peers: [],
	leader: HOME,
	buckets: 1,
	...changes,
});

let partitions = 0;
/** A bucket that no other test uses. */
export const freshBucket = (): BucketRef => {
	partitions += 1;
	return { partition: partitionId(`p${process.pid}.${partitions}`), bucket: 0 };
};

let requests = 0;
export const put = (key: string, changes: Partial<ItemWrite> = {}): ItemWrite => {
	requests += 1;
	const body = new TextEncoder().encode(`body ${requests}`);
	return {
		key,
		content: { body, contentType: "text/plain" },
		precondition: { kind: "none" },
		requestId: `r${requests}`,
		nowMs: 1_700_000_000_000,
		...changes,
	};
};
export const remove = (key: string, changes: Partial<ItemWrite> = {}): ItemWrite => put(key, { content: undefined, ...changes });

export const setFence = async (store: RegionalStore, ref: BucketRef, next: FenceChange["next"]): Promise<void> => {
	const now = await store.readFence(ref);
	await store.changeFences(ref.partition, [{ bucket: ref.bucket, expect: now === undefined ? "absent" : {}, next }]);
};

const v = (epoch: number, n: number): Version => ({ epoch, n });

const item = (key: string, version: Version, changes: Partial<StoredItem> = {}): StoredItem => ({
	key,
	version,
	body: new TextEncoder().encode(`carried ${version.epoch}-${version.n}`),
	contentType: "text/plain",
	deleted: false,
	requestId: `c${version.epoch}-${version.n}`,
	writtenAtMs: 5,
	...changes,
});

/** What every RegionalStore must do, one test a sentence of the port and of the protocol. */
export function describeRegionalStore(name: string, make: MakeStore): void {
	describe(`RegionalStore: ${name}`, () => {
		let clock: ManualClock;
		let store: RegionalStore;
		const lease = (epoch = 1) => ({ epoch, validUntilMs: clock.nowMs() + 2_000 });
		beforeAll(() => {
			clock = new ManualClock();
			store = make(clock);
		});

		describe("fences", () => {
			it("are absent at first, and read back as written", async () => {
				const ref = freshBucket();
				expect(await store.readFence(ref)).toBeUndefined();
				const next = fence({ peers: [AWAY], migrationId: "m1", mode: "guarded" });
				expect(await store.changeFences(ref.partition, [{ bucket: 0, expect: "absent", next }])).toBe("applied");
				expect(await store.readFence(ref)).toEqual({ ...next, seq: 0 });
				expect(await store.changeFences(ref.partition, [{ bucket: 0, expect: "absent", next }])).toBe("refused");
			});

			it("of all buckets change together or not at all", async () => {
				const { partition } = freshBucket();
				const all = Array.from({ length: 64 }, (_, bucket): FenceChange => ({ bucket, expect: "absent", next: fence({ buckets: 64 }) }));
				expect(await store.changeFences(partition, all)).toBe("applied");
				const raise = all.map(
					({ bucket }): FenceChange => ({ bucket, expect: { epoch: bucket === 40 ? 9 : 1 }, next: fence({ buckets: 64, epoch: 2 }) }),
				);
				expect(await store.changeFences(partition, raise)).toBe("refused");
				expect((await store.readFences(partition, 64)).map((one) => one?.epoch)).toEqual(Array(64).fill(1));
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
				await setFence(store, ref, fence({ epoch: 3, mode: "guarded", migrationId: "m1" }));
				const change: FenceChange = { bucket: 0, expect: expectation, next: fence({ epoch: 4 }) };
				expect(await store.changeFences(ref.partition, [change])).toBe(outcome);
			});

			it("expecting anything of an absent fence is refused, expecting no migration where there is none applies", async () => {
				const ref = freshBucket();
				expect(await store.changeFences(ref.partition, [{ bucket: 0, expect: {}, next: fence() }])).toBe("refused");
				await setFence(store, ref, fence());
				expect(await store.changeFences(ref.partition, [{ bucket: 0, expect: { migrationId: null }, next: fence() }])).toBe("applied");
			});

			it("keep seq unless it is given, and lose what the next does not have", async () => {
				const ref = freshBucket();
				await setFence(store, ref, fence({ seq: 7, migrationId: "m1", expiresAt: 4_000_000_000 }));
				await setFence(store, ref, fence({ epoch: 2 }));
				expect(await store.readFence(ref)).toEqual({ ...fence({ epoch: 2 }), seq: 7 });
				await setFence(store, ref, fence({ seq: 1 }));
				expect((await store.readFence(ref))?.seq).toBe(1);
				await setFence(store, ref, "delete");
				expect(await store.readFence(ref)).toBeUndefined();
			});

			it("count as absent once expired", async () => {
				const ref = freshBucket();
				const expiresAt = Math.floor(clock.nowMs() / 1000) + 10;
				await setFence(store, ref, fence({ role: "moved", expiresAt }));
				expect((await store.readFence(ref))?.role).toBe("moved");
				clock.advance(11_000);
				expect(await store.readFence(ref)).toBeUndefined();
				expect(await store.readFences(ref.partition, 1)).toEqual([undefined]);
				const change = (expect: FenceChange["expect"]): FenceChange => ({ bucket: 0, expect, next: fence({ role: "joining" }) });
				expect(await store.changeFences(ref.partition, [change({ role: "moved" })])).toBe("refused");
				expect(await store.changeFences(ref.partition, [change("absent")])).toBe("applied");
				expect(await store.readFence(ref)).toMatchObject({ role: "joining" });
				expect((await store.readFence(ref))?.expiresAt).toBeUndefined();
			});
		});

		describe.each(["steady", "guarded"] as const)("%s writes", (mode) => {
			const at = async (epoch = 1): Promise<BucketRef> => {
				const ref = freshBucket();
				await setFence(store, ref, fence({ mode, epoch }));
				return ref;
			};
			const write = (ref: BucketRef, one: ItemWrite, epoch = 1) =>
				mode === "steady" ? store.writeSteady(ref, one, lease(epoch)) : store.writeGuarded(ref, one, epoch);

			it("create at the writer's clock, then count up, across delete and re-creation", async () => {
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
				expect(await store.readItem(ref, one.key)).toEqual({
					key: one.key,
					version: { epoch: 1, n: one.nowMs },
					body: one.content?.body,
					contentType: "image/x; a=b",
					deleted: false,
					requestId: one.requestId,
					writtenAtMs: one.nowMs,
				});
				await write(ref, put("empty", { content: { body: new Uint8Array(), contentType: "" } }));
				expect(await store.readItem(ref, "empty")).toMatchObject({ body: new Uint8Array(), deleted: false });
			});

			it("delete by a tombstone that expires, and re-creation loses the expiry", async () => {
				const ref = await at();
				await write(ref, put("k"));
				const gone = remove("k");
				await write(ref, gone);
				expect(await store.readItem(ref, "k")).toMatchObject({
					deleted: true,
					body: new Uint8Array(),
					expiresAt: gone.nowMs / 1000 + TOMBSTONE_SECONDS,
				});
				expect(await write(ref, remove("k"))).toEqual({ kind: "not-found" });
				expect(await write(ref, remove("never"))).toEqual({ kind: "not-found" });
				await write(ref, put("k"));
				expect((await store.readItem(ref, "k"))?.expiresAt).toBeUndefined();
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
				const current = (await store.readItem(ref, "k"))?.version ?? version;
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
				await setFence(store, ref, fence({ mode, epoch: 5 }));
				const later = await write(ref, put("k"), 5);
				expect(later).toMatchObject({ kind: "written", created: false, version: { epoch: 5 } });
				expect(await write(ref, put("k"), 1)).toEqual({ kind: "fence-changed" });
				expect((await store.readItem(ref, "k"))?.version.epoch).toBe(5);
			});
		});

		it("a steady write needs a lease that still runs", async () => {
			const ref = freshBucket();
			expect(await store.writeSteady(ref, put("k"), { epoch: 1, validUntilMs: clock.nowMs() })).toEqual({ kind: "fence-changed" });
			expect(await store.readItem(ref, "k")).toBeUndefined();
		});

		describe("guarded writes and the fence", () => {
			it("raise seq and journal the key with its version", async () => {
				const ref = freshBucket();
				await setFence(store, ref, fence({ mode: "guarded", seq: 3 }));
				await store.writeGuarded(ref, put("a"), 1);
				await store.writeGuarded(ref, put("b"), 1);
				const last = await store.writeGuarded(ref, put("a"), 1);
				expect((await store.readFence(ref))?.seq).toBe(6);
				const journal = await store.listJournal(ref, { limit: 10 });
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
				await setFence(store, ref, fence({ mode: "guarded" }));
				await store.writeGuarded(ref, put("k"), 1);
				await setFence(store, ref, other ?? "delete");
				const before = await store.readItem(ref, "k");
				expect(await store.writeGuarded(ref, put("k"), 1)).toEqual({ kind: "fence-changed" });
				expect(await store.writeGuarded(ref, remove("none"), 1)).toEqual({ kind: "fence-changed" });
				const failing = put("k", { precondition: { kind: "if-none-match-any" } });
				expect(await store.writeGuarded(ref, failing, 1)).toEqual({ kind: "fence-changed" });
				expect(await store.readItem(ref, "k")).toEqual(before);
			});

			it("of many writers at once all count, each once", async () => {
				const ref = freshBucket();
				await setFence(store, ref, fence({ mode: "guarded" }));
				const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.writeGuarded(ref, put("k"), 1)));
				const numbers = outcomes.map((outcome) => (outcome.kind === "written" ? outcome.version.n : 0)).sort();
				expect(numbers).toEqual([0, 1, 2, 3, 4].map((i) => 1_700_000_000_000 + i));
				expect((await store.readFence(ref))?.seq).toBe(5);
			});
		});

		describe("carry", () => {
			it("stores what is newer, as it is, tombstones included", async () => {
				const ref = freshBucket();
				await setFence(store, ref, fence({ role: "joining", migrationId: "m1" }));
				const guard = { epoch: 1, migrationId: "m1" };
				const tombstone = item("k", v(1, 8), { deleted: true, body: new Uint8Array(), contentType: "", expiresAt: 4_000_000_000 });
				expect(await store.carry(ref, item("k", v(1, 7)), guard)).toBe("stored");
				expect(await store.carry(ref, tombstone, guard)).toBe("stored");
				expect(await store.carry(ref, tombstone, guard)).toBe("already-newer");
				expect(await store.carry(ref, item("k", v(1, 7)), guard)).toBe("already-newer");
				expect(await store.readItem(ref, "k")).toEqual(tombstone);
				await setFence(store, ref, fence({ role: "follower", epoch: 2 }));
				expect(await store.carry(ref, item("k", v(2, 1)), { epoch: 2 })).toBe("stored");
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
				if (next !== undefined) await setFence(store, ref, next);
				expect(await store.carry(ref, item("k", v(1, 7)), { epoch: 1, migrationId: "m1" })).toBe("refused");
				expect(await store.readItem(ref, "k")).toBeUndefined();
			});

			it("without a migration in its guard asks for role and epoch only", async () => {
				const ref = freshBucket();
				await setFence(store, ref, fence({ role: "follower", migrationId: "m2" }));
				expect(await store.carry(ref, item("k", v(1, 7)), { epoch: 1 })).toBe("stored");
			});
		});

		it("a journal entry goes only with the version that was carried", async () => {
			const ref = freshBucket();
			await setFence(store, ref, fence({ mode: "guarded" }));
			const first = await store.writeGuarded(ref, put("k"), 1);
			const second = await store.writeGuarded(ref, put("k"), 1);
			if (first.kind !== "written" || second.kind !== "written") throw new Error("not written");
			expect(await store.removeJournalEntry(ref, "k", first.version)).toBe("newer");
			expect(await store.removeJournalEntry(ref, "k", second.version)).toBe("removed");
			expect(await store.removeJournalEntry(ref, "k", second.version)).toBe("absent");
			expect(await store.listJournal(ref, { limit: 10 })).toEqual({ entries: [] });
		});

		it("a page of items is carried as each of them would be", async () => {
			const ref = freshBucket();
			await setFence(store, ref, fence({ role: "joining", migrationId: "m1" }));
			const guard = { epoch: 1, migrationId: "m1" };
			const keys = Array.from({ length: 230 }, (_, i) => `k${String(i).padStart(3, "0")}`);
			await store.carry(ref, item("k003", v(1, 9)), guard);
			await store.carry(ref, item("k150", v(1, 7)), guard);
			const page = keys.map((key) => item(key, v(1, 7)));
			expect(await store.carryItems(ref, page, guard)).toBe("carried");
			expect(await store.carryItems(ref, page, guard)).toBe("carried");
			expect(await store.carryItems(ref, [], guard)).toBe("carried");
			const held = await store.listItems(ref, { limit: 300 });
			expect(held.entries.map(({ key }) => key)).toEqual(keys);
			expect(held.entries.filter(({ version }) => version.n !== 7).map(({ key, version }) => [key, version.n])).toEqual([["k003", 9]]);
			expect(await store.carryItems(ref, [item("k000", v(1, 8))], { ...guard, epoch: 2 })).toBe("refused");
			expect(await store.carryItems(ref, [item("k000", v(1, 8))], { epoch: 1, migrationId: "m2" })).toBe("refused");
			await setFence(store, ref, fence({ migrationId: "m1" }));
			expect(await store.carryItems(ref, [item("k000", v(1, 8))], guard)).toBe("refused");
			expect((await store.readItem(ref, "k000"))?.version.n).toBe(7);
		});

		it("a page of large items is carried whatever a transaction may weigh", async () => {
			const ref = freshBucket();
			await setFence(store, ref, fence({ role: "follower" }));
			const body = new Uint8Array(256 * 1024).fill(7);
			const page = Array.from({ length: 18 }, (_, i) => item(`k${i}`, v(1, 7), { body }));
			expect(await store.carryItems(ref, page, { epoch: 1 })).toBe("carried");
			for (const { key } of page) expect((await store.readItem(ref, key))?.body.length).toBe(body.length);
		});

		it("a page of items is deleted for good under the conditions of each", async () => {
			const ref = freshBucket();
			await setFence(store, ref, fence({ role: "joining", migrationId: "m1" }));
			const guard = { epoch: 1, migrationId: "m1" };
			const page = Array.from({ length: 120 }, (_, i) => item(`k${i}`, v(1, 7)));
			await store.carryItems(ref, page, guard);
			expect(await store.deleteItems(ref, page, guard)).toBe("refused");
			await setFence(store, ref, fence({ role: "removing", migrationId: "m1" }));
			expect(await store.deleteItems(ref, page, { ...guard, epoch: 2 })).toBe("refused");
			expect(await store.deleteItems(ref, [item("k5", v(1, 6))], guard)).toBe("newer");
			expect((await store.readItem(ref, "k5"))?.version.n).toBe(7);
			expect(await store.deleteItems(ref, page, guard)).toBe("deleted");
			expect(await store.deleteItems(ref, page, guard)).toBe("deleted");
			expect(await store.listItems(ref, { limit: 10 })).toEqual({ entries: [] });
		});

		it("items are deleted for good only while removing, and only at the proven version", async () => {
			const ref = freshBucket();
			await setFence(store, ref, fence({ role: "follower", migrationId: "m1" }));
			const old = item("k", { epoch: 1, n: 7 });
			const guard = { epoch: 1, migrationId: "m1" };
			await store.carry(ref, old, guard);
			expect(await store.deleteItem(ref, "k", old.version, guard)).toBe("refused");
			await setFence(store, ref, fence({ role: "removing", migrationId: "m1" }));
			expect(await store.deleteItem(ref, "k", old.version, { ...guard, epoch: 2 })).toBe("refused");
			expect(await store.deleteItem(ref, "k", old.version, { ...guard, migrationId: "m2" })).toBe("refused");
			expect(await store.deleteItem(ref, "k", { epoch: 1, n: 6 }, guard)).toBe("newer");
			expect(await store.deleteItem(ref, "k", old.version, guard)).toBe("deleted");
			expect(await store.deleteItem(ref, "k", old.version, guard)).toBe("deleted");
			expect(await store.readItem(ref, "k")).toBeUndefined();
		});

		it("lists come in byte order, by prefix, in pages, and see neither fence nor journal", async () => {
			const ref = freshBucket();
			await setFence(store, ref, fence({ mode: "guarded" }));
			const keys = ["a", "a/1", "a/2", "b", "\uFF5E", "\u{1F600}", "a/\u{10FFFF}", "a0", "~"];
			for (const key of keys) await store.writeGuarded(ref, put(key), 1);
			await store.writeGuarded(ref, remove("b"), 1);
			const sorted = keys.toSorted(compareUtf8);
			const walk = async (prefix: string | undefined, limit: number): Promise<string[]> => {
				const seen: string[] = [];
				let after: string | undefined;
				do {
					const range = { limit, ...(prefix !== undefined && { prefix }), ...(after !== undefined && { after }) };
					const page = await store.listItems(ref, range);
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
			expect((await store.listItems(ref, { prefix: "a", after: "b", limit: 5 })).entries).toEqual([]);
			expect((await store.listItems(ref, { prefix: "b", after: "a", limit: 5 })).entries.map((e) => [e.key, e.deleted])).toEqual([
				["b", true],
			]);
		});

		it("versions of a key order by epoch, then number", () => {
			expect(compareVersions({ epoch: 2, n: 1 }, { epoch: 1, n: 9 })).toBeGreaterThan(0);
		});
	});
}
