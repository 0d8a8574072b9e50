import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { Once, StoredItem, WriteOutcome } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { receiptKey } from "#domain/partition/receipt.ts";
import { compareVersions, etagOf, type Version } from "#domain/partition/version.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { AWAY, fence, freshBucket, HOME, setFence } from "./fixtures.ts";

type Step =
	| {
			readonly do: "write";
			readonly key: string;
			readonly delete: boolean;
			readonly epoch: number;
			readonly match: "none" | "current" | "absent";
			/** The idempotency key. */
			readonly once: "x" | "y" | undefined;
	  }
	| { readonly do: "repeat" }
	| {
			readonly do: "carry";
			readonly key: string;
			readonly version: Version;
			readonly epoch: number;
			readonly migrationId: string | undefined;
	  }
	| {
			readonly do: "fence";
			readonly role: FenceRole;
			readonly mode: WriteMode;
			readonly epoch: number;
			readonly migrationId: string | undefined;
	  }
	| { readonly do: "uncarry"; readonly key: string }
	| { readonly do: "erase"; readonly key: string; readonly epoch: number }
	| { readonly do: "pass"; readonly ms: number };

const key = fc.constantFrom("a", "b/1", "\u{1F600}");
const epoch = fc.integer({ min: 1, max: 4 });
const migrationId = fc.constantFrom(undefined, "m1", "m2");
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant("write" as const),
			key,
			delete: fc.boolean(),
			epoch,
			match: fc.constantFrom("none" as const, "none" as const, "current" as const, "absent" as const),
			once: fc.constantFrom(undefined, undefined, "x" as const, "y" as const),
		}),
	},
	{ weight: 1, arbitrary: fc.constant({ do: "repeat" as const }) },
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant("carry" as const),
			key,
			version: fc.record({ epoch, n: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_004 }) }),
			epoch,
			migrationId,
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant("fence" as const),
			role: fc.constantFrom(
				FenceRole.Leader,
				FenceRole.Leader,
				FenceRole.Follower,
				FenceRole.Joining,
				FenceRole.Fenced,
				FenceRole.Removing,
			),
			mode: fc.constantFrom(WriteMode.Steady, WriteMode.Guarded),
			epoch,
			migrationId,
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("uncarry" as const), key }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("erase" as const), key, epoch }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 3_000 }) }) },
);

const carried = (name: string, version: Version): StoredItem => ({
	key: name,
	version,
	body: new TextEncoder().encode(etagOf(version)),
	contentType: "t",
	deleted: version.n % 3 === 0,
	requestId: `carried ${etagOf(version)}`,
	writtenAtMs: 1,
});

/** Plays steps on one bucket and checks the laws after each. Returns everything that was answered, and the state at the end. */
class Player {
	readonly #store: RegionalStore;
	readonly #clock: ManualClock;
	readonly #ref: BucketRef = freshBucket();
	readonly #answers: unknown[] = [];
	#writes = 0;
	#last: (() => Promise<WriteOutcome>) | undefined;
	/** By idempotency key: the request that was answered first, and its answer. */
	readonly #first = new Map<string, { readonly fingerprint: string; readonly outcome: WriteOutcome }>();

	constructor(store: RegionalStore, clock: ManualClock) {
		this.#store = store;
		this.#clock = clock;
	}

	async play(steps: readonly Step[]): Promise<unknown> {
		for (const one of steps) {
			const before = await this.#items();
			const answer = await this.#do(one);
			this.#answers.push([one, answer]);
			this.#checkVersions(one, before, await this.#items());
		}
		return { answers: this.#answers, items: await this.#items(), ...(await this.#rest()) };
	}

	async #do(one: Step): Promise<unknown> {
		const store = this.#store;
		const ref = this.#ref;
		switch (one.do) {
			case "write":
				return this.#write(one);
			case "repeat":
				return this.#last?.();
			case "carry": {
				const guard = { epoch: one.epoch, ...(one.migrationId !== undefined && { migrationId: one.migrationId }) };
				const item = carried(one.key, one.version);
				const first = await store.carry(ref, item, guard);
				const again = await store.carry(ref, item, guard);
				expect(again).toBe(first === "stored" ? "already-newer" : first);
				return first;
			}
			case "fence": {
				const { role, mode, epoch, migrationId } = one;
				await setFence(store, ref, fence({ role, mode, epoch, peers: [AWAY], ...(migrationId !== undefined && { migrationId }) }));
				return undefined;
			}
			case "uncarry": {
				const { entries } = await store.listJournal(ref, { limit: 10 });
				const entry = entries.find((each) => each.key === one.key);
				return store.removeJournalEntry(ref, one.key, entry?.version ?? { epoch: 1, n: 1 });
			}
			case "erase": {
				const item = await store.readItem(ref, one.key);
				return store.deleteItem(ref, one.key, item?.version ?? { epoch: 1, n: 1 }, { epoch: one.epoch, migrationId: "m1" });
			}
			case "pass":
				return this.#clock.advance(one.ms);
		}
	}

	async #write(one: Extract<Step, { do: "write" }>): Promise<WriteOutcome> {
		const store = this.#store;
		const ref = this.#ref;
		const seen = await store.readFence(ref);
		const current = await store.readItem(ref, one.key);
		this.#writes += 1;
		const write = {
			key: one.key,
			content: one.delete ? undefined : { body: new TextEncoder().encode(`w${this.#writes}`), contentType: "t" },
			precondition:
				one.match === "none"
					? ({ kind: "none" } as const)
					: one.match === "absent"
						? ({ kind: "if-none-match-any" } as const)
						: ({ kind: "if-match", etag: etagOf(current?.version ?? { epoch: 9, n: 9 }) } as const),
			requestId: `w${this.#writes}`,
			nowMs: this.#clock.nowMs(),
			...(one.once !== undefined && {
				once: { key: receiptKey(one.once), bucket: 0, fingerprint: `${one.key} ${one.delete} ${one.match}` },
			}),
		};
		const steady = seen?.mode !== WriteMode.Guarded;
		this.#last = () =>
			steady
				? store.writeSteady(ref, write, { epoch: one.epoch, validUntilMs: this.#clock.nowMs() + 1 })
				: store.writeGuarded(ref, write, one.epoch);
		const outcome = await this.#last();
		this.#checkOnce(write.once, outcome);
		if (!steady && outcome.kind === "written") {
			// A guarded write landed: the fence must have allowed it, counted it, and the journal must owe it.
			expect(seen).toMatchObject({ role: FenceRole.Leader, epoch: one.epoch });
			expect((await store.readFence(ref))?.seq).toBe((seen?.seq ?? 0) + 1);
			const { entries } = await store.listJournal(ref, { limit: 10 });
			expect(entries).toContainEqual({ key: one.key, version: outcome.version });
		}
		return outcome;
	}

	/** While its receipt lasts, a key has one request and one answer. */
	#checkOnce(once: Pick<Once, "key" | "fingerprint"> | undefined, outcome: WriteOutcome): void {
		if (once === undefined) {
			expect(["repeated", "key-reused"]).not.toContain(outcome.kind);
			return;
		}
		const first = this.#first.get(once.key);
		if (outcome.kind === "fence-changed") return;
		if (first === undefined) {
			expect(["written", "not-found", "precondition-failed"]).toContain(outcome.kind);
			this.#first.set(once.key, { fingerprint: once.fingerprint, outcome });
		} else {
			expect(outcome).toEqual(
				first.fingerprint === once.fingerprint ? { kind: "repeated", outcome: first.outcome } : { kind: "key-reused" },
			);
		}
	}

	/** No version of a key is ever replaced by one that is not newer; a row vanishes only by erasing. */
	#checkVersions(one: Step, before: readonly StoredItem[], after: readonly StoredItem[]): void {
		for (const old of before) {
			const now = after.find((item) => item.key === old.key);
			if (now === undefined) expect(one.do).toBe("erase");
			else if (compareVersions(now.version, old.version) <= 0) expect(now).toEqual(old);
		}
	}

	async #items(): Promise<readonly StoredItem[]> {
		return (await this.#store.listItems(this.#ref, { limit: 10 })).entries;
	}

	async #rest(): Promise<object> {
		return { fence: await this.#store.readFence(this.#ref), journal: (await this.#store.listJournal(this.#ref, { limit: 10 })).entries };
	}
}

const steps = fc.array(step, { minLength: 1, maxLength: 25 });
const inMemory = (): { store: RegionalStore; clock: ManualClock } => {
	const clock = new ManualClock();
	return { store: new MemoryRegionalStore(HOME, clock), clock };
};
const play = (made: { store: RegionalStore; clock: ManualClock }, some: readonly Step[]) => new Player(made.store, made.clock).play(some);

describe("laws of a regional store", () => {
	it("hold in memory for any steps (a failure prints seed and path)", async () => {
		await fc.assert(
			fc.asyncProperty(steps, async (some) => void (await play(inMemory(), some))),
			{ numRuns: 400 },
		);
	});

	it("carry is commutative: any order of the same items ends in the same copy", async () => {
		const versions = fc.uniqueArray(fc.record({ epoch, n: fc.integer({ min: 1, max: 6 }) }), {
			minLength: 1,
			maxLength: 8,
			selector: (version) => etagOf(version),
		});
		const orders = versions.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
		await fc.assert(
			fc.asyncProperty(orders, async ([one, other]) => {
				const copies = [];
				for (const order of [one, other]) {
					const { store } = inMemory();
					const ref = freshBucket();
					await setFence(store, ref, fence({ role: "joining" }));
					for (const version of order) await store.carry(ref, carried("k", version), { epoch: 1 });
					copies.push(await store.readItem(ref, "k"));
				}
				expect(copies[0]).toEqual(copies[1]);
				expect(copies[0]?.version).toEqual(one.toSorted(compareVersions).at(-1));
			}),
			{ numRuns: 200 },
		);
	});

	describe.skipIf(!engineAvailable)("on a real engine", () => {
		let engine: TestEngine;
		beforeAll(async () => {
			engine = await startEngine();
			await engine.createTable("data");
		});
		afterAll(() => engine?.stop());

		it("hold as well, and every answer and state is that of the store in memory", async () => {
			const client = engine.client();
			await fc.assert(
				fc.asyncProperty(steps, async (some) => {
					const clock = new ManualClock();
					const real = { store: createRegionalStore({ client, tableName: "data", region: HOME, clock }), clock };
					expect(await play(real, some)).toEqual(await play(inMemory(), some));
				}),
				{ numRuns: 25, interruptAfterTimeLimit: 8_000 },
			);
		});
	});
});
