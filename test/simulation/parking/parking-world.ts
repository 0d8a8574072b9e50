import type { DynamoDBRecord } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type BucketRef, partitionId } from "#domain/partition/partition-id.ts";
import { type SweepDeps, sweepParked } from "#domain/partition/sweep-parked.ts";
import { sweepReturned } from "#domain/partition/sweep-returned.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import type { ParkedBucket, ParkedKey, ParkedKeys } from "#domain/ports/parked-keys.ts";
import type { RegionalStore, RegionalStores } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { createCarryBatch } from "#lambdas/carry-stream/carry-batch.ts";
import { createReportFeed } from "#lambdas/carry-stream/report-feed.ts";
import { MemoryFeedReports } from "#simulation/stores/memory-feed-reports.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { AP, EU, US } from "#test/__helpers__/data-plane-world.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { MemoryParkedKeys } from "#test/__helpers__/memory-parked-keys.ts";

/** The function died here: what it did stays, what it would have done does not happen. */
export class Crash extends Error {
	override name = "Crash";
}

/** Rules of parking. */
export type Planted =
	| "acknowledge-before-parking"
	| "release-whatever-is-there"
	| "take-the-bucket-off-the-list"
	| "report-past-what-is-parked";

/** What the running of one invocation depends on: once it is dead, nothing it does has an effect. */
interface Life {
	dead: boolean;
}

interface Written {
	readonly ref: BucketRef;
	readonly key: string;
	readonly version: Version;
	readonly atMs: number;
}

export const REFS: readonly BucketRef[] = ["a", "b", "c"].map((name) => ({ partition: partitionId(name), bucket: 0 }));

/** One region's shard of several partitions, its carrier and its sweep, beside two followers that come and go. All choices come from the seed. */
export class ParkingWorld {
	readonly clock = new ManualClock();
	readonly stores = new Map([EU, US, AP].map((region) => [region, new MemoryRegionalStore(region, this.clock)]));
	readonly parked = new MemoryParkedKeys(this.store(EU));
	readonly feeds = new Map([US, AP].map((region) => [region, new MemoryFeedReports()]));
	/** Followers that do not answer, and `<partition> <region>` of copies that refuse. */
	readonly cut = new Set<RegionId>();
	readonly refusing = new Set<string>();
	/** Chance of a crash before, and after, each operation of the carrier and the sweep. */
	crashRate = 0;
	/** Chance of a call to a follower to be lost. */
	lossRate = 0;
	readonly random: () => number;
	/** A rule that is taken away, which the laws must notice. */
	readonly #planted: Planted | undefined;
	/** Records not yet acknowledged. */
	readonly shard: DynamoDBRecord[] = [];
	readonly counts = { parked: 0, crashes: 0, batches: 0, released: 0 };
	readonly #writes: Written[] = [];
	readonly #report = createReportFeed((region) => this.feed(region));
	#sequence = 10 ** 6;

	constructor(seed: number, planted?: Planted) {
		this.random = seededRandom(seed);
		this.#planted = planted;
	}

	store(region: RegionId): MemoryRegionalStore {
		const store = this.stores.get(region);
		if (store === undefined) throw new Error(`no ${region}`);
		return store;
	}

	feed(region: RegionId): MemoryFeedReports {
		const feed = this.feeds.get(region);
		if (feed === undefined) throw new Error(`no ${region}`);
		return feed;
	}

	/** The fences of a leader with two followers. */
	async lead(): Promise<void> {
		const common = { epoch: 1, mode: "steady", leader: EU, buckets: 1 } as const;
		for (const { partition, bucket } of REFS) {
			await this.store(EU).changeFences(partition, [{ bucket, expect: "absent", next: { ...common, role: "leader", peers: [US, AP] } }]);
			for (const region of [US, AP])
				await this.store(region).changeFences(partition, [{ bucket, expect: "absent", next: { ...common, role: "follower", peers: [] } }]);
		}
	}

	async write(ref: BucketRef, key: string): Promise<void> {
		this.clock.advance(1 + Math.floor(this.random() * 700));
		const nowMs = this.clock.nowMs();
		const content = this.random() < 0.2 ? undefined : { body: new Uint8Array([1]), contentType: "text/plain" };
		const write = { key, content, precondition: { kind: "none" }, requestId: `r${this.#sequence}`, nowMs } as const;
		const outcome = await this.store(EU).writeSteady(ref, write, { epoch: 1, validUntilMs: nowMs + 2_000 });
		if (outcome.kind !== "written") return;
		this.#writes.push({ ref, key, version: outcome.version, atMs: nowMs });
		const Keys = { pk: { S: `${ref.partition}#${ref.bucket}` }, sk: { S: `item#${key}` } };
		const SequenceNumber = String(++this.#sequence);
		this.shard.push({ eventName: "MODIFY", dynamodb: { SequenceNumber, ApproximateCreationDateTime: Math.floor(nowMs / 1000), Keys } });
	}

	/** One delivery of the shard's first records; what is reported as failed, or dies, comes again. */
	async deliver(): Promise<void> {
		const batch = this.shard.slice(0, 1 + Math.floor(this.random() * 8));
		if (batch.length === 0) return;
		this.counts.batches += 1;
		try {
			const { batchItemFailures } = await this.#carrier()({ Records: batch });
			const failed = batchItemFailures[0]?.itemIdentifier;
			const done = failed === undefined ? batch.length : batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed);
			// The service may also lose the answer, and deliver again.
			if (this.random() >= 0.1) this.shard.splice(0, done);
		} catch (error) {
			if (!(error instanceof Crash)) throw error;
		}
	}

	/** The region's own sweep. */
	sweep(): Promise<void> {
		return this.#sweepBy((deps, life, deadlineMs) => {
			const onDefect = () => {
				if (!life.dead) throw new Error("a defect in a world that has none");
			};
			return sweepParked({ ...deps, region: EU, parked: this.#parking(life), onDefect }, deadlineMs);
		});
	}

	/** The sweep by recovery. */
	sweepReturned(): Promise<void> {
		return this.#sweepBy((deps, life, deadlineMs) =>
			sweepReturned({ ...deps, regions: [EU], parkedOf: () => this.#parking(life) }, deadlineMs),
		);
	}

	async #sweepBy(work: (deps: Pick<SweepDeps, "stores" | "clock" | "random">, life: Life, deadlineMs: number) => Promise<unknown>) {
		const { random, clock } = this;
		const life: Life = { dead: false };
		try {
			await work({ stores: this.#reach(life), clock, random: { next: random } }, life, clock.nowMs() + 60_000);
		} catch (error) {
			if (!(error instanceof Crash)) throw error;
		}
	}

	/** Writes that a follower lacks, which has neither them nor anything newer. */
	async missing(region: RegionId): Promise<readonly Written[]> {
		const found: Written[] = [];
		for (const write of this.#writes) {
			const copy = await this.store(region).readItem(write.ref, write.key);
			if (copy === undefined || compareVersions(copy.version, write.version) < 0) found.push(write);
		}
		return found;
	}

	/** Whether the shard or a parked row still answers for the key. */
	isOwed({ partition, bucket }: BucketRef, key: string): boolean {
		const pk = `${partition}#${bucket}`;
		const listed = this.parked.listed.has(pk) && this.parked.buckets.get(pk)?.has(key) === true;
		return listed || this.shard.some(({ dynamodb }) => dynamodb?.Keys?.["pk"]?.S === pk && dynamodb.Keys["sk"]?.S === `item#${key}`);
	}

	#carrier() {
		const life: Life = { dead: false };
		const carry = createCarryBatch({
			stores: this.#reach(life),
			region: EU,
			parked: this.#parking(life),
			clock: this.clock,
			report: this.#report,
			log: ({ event }) => {
				if (event === "carry-stream.parked") this.counts.parked += 1;
			},
		});
		return async (event: { Records: DynamoDBRecord[] }) => {
			const answer = await carry(event);
			// A function that has died answers nothing, although in this world its code went on.
			if (life.dead) throw new Crash();
			return answer;
		};
	}

	#parking(life: Life): ParkedKeys {
		return wrapped<ParkedKeys>(this.parked, async (name, work, args) => {
			await this.#outlive(life);
			const answer = await this.#weakened(name, work, args);
			if (name === "release" && answer === "released") this.counts.released += 1;
			await this.#outlive(life);
			return answer;
		});
	}

	/** The same operation where one of its rules may have been taken away. */
	async #weakened(name: string, work: () => Promise<unknown>, args: readonly unknown[]): Promise<unknown> {
		const planted = this.#planted;
		if (planted === "acknowledge-before-parking" && name === "park" && this.random() < 0.3) return undefined;
		if (planted === "report-past-what-is-parked" && name === "readFence") return { ...((await work()) as object), parked: false };
		if (planted === "release-whatever-is-there" && name === "release") {
			const [ref, { key }] = args as [BucketRef, ParkedKey];
			this.parked.buckets.get(`${ref.partition}#${ref.bucket}`)?.delete(key);
			return "released";
		}
		if (planted === "take-the-bucket-off-the-list" && name === "releaseBucket") {
			const [{ ref }] = args as [ParkedBucket];
			this.parked.listed.delete(`${ref.partition}#${ref.bucket}`);
			return "released";
		}
		return work();
	}

	#reach(life: Life): RegionalStores {
		return (region) =>
			wrapped<RegionalStore>(this.store(region), async (name, work, [ref]) => {
				await this.#outlive(life);
				if (this.cut.has(region) || (region !== EU && this.random() < this.lossRate)) throw new UnavailableError("cut");
				if (name === "carry" && this.refusing.has(`${(ref as BucketRef).partition} ${region}`)) return "refused";
				const answer = await work();
				await this.#outlive(life);
				return answer;
			});
	}

	/** Takes a moment, in which others get on; sometimes the last one. */
	async #outlive(life: Life): Promise<void> {
		const turns = this.random() < 0.04 ? 40 : Math.floor(this.random() * 2);
		for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
		if (!life.dead && this.random() < this.crashRate) {
			life.dead = true;
			this.counts.crashes += 1;
		}
		if (life.dead) throw new Crash();
	}
}

/** The target with every operation led through `around`. */
function wrapped<T extends object>(
	target: T,
	around: (name: string, work: () => Promise<unknown>, args: readonly unknown[]) => Promise<unknown>,
): T {
	return new Proxy(target, {
		get: (_, name) => {
			const member: unknown = Reflect.get(target, name, target);
			if (typeof member !== "function") return member;
			return (...args: unknown[]) => around(String(name), async () => member.apply(target, args) as unknown, args);
		},
	});
}
