import type { RegionId } from "#domain/geography/region-id.ts";
import { carryKeys } from "#domain/partition/carry-keys.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import type { WriteOutcome } from "#domain/partition/item.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import type { Version } from "#domain/partition/version.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { AP, DataPlaneWorld, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

export const REGIONS = [EU, US, AP];
export const KEYS = ["k0", "k1", "k2"];

/** Whole numbers below a bound, the same for the same seed. */
export const numbers = (seed: number) => {
	const random = seededRandom(seed);
	return (below: number): number => Math.floor(random() * below);
};
export const turns = async (count: number): Promise<void> => {
	for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A write as the region that accepted it knows it. `value` undefined: a tombstone. */
export interface Written {
	readonly key: string;
	readonly version: Version;
	readonly value: string | undefined;
	readonly requestId: string;
	/** When an answer to it was first on its way, in ms of the world's clock. */
	readonly acceptedAtMs: number;
}

/** Three regions with the real data plane over stores in memory, one partition, guarded throughout, and every write that any region accepted. */
export class SessionWorld {
	readonly plane = new DataPlaneWorld(REGIONS);
	readonly written: Written[] = [];
	readonly below: (bound: number) => number;
	leader = EU;
	epoch = 1;
	copies = [...REGIONS];

	private constructor(seed: number) {
		this.below = numbers(seed);
		for (const region of REGIONS) this.#watchWrites(region);
	}

	static async start(seed: number): Promise<SessionWorld> {
		const world = new SessionWorld(seed);
		world.plane.record({ followers: [US, AP] });
		for (const region of REGIONS) await world.setFences(region, region === EU ? FenceRole.Leader : FenceRole.Follower);
		world.plane.before = async () => {
			if (world.below(8) === 0) world.plane.clock.advance(world.below(40));
			await turns(world.below(4));
		};
		return world;
	}

	/** All buckets in one transaction, as the world's leader and epoch want it. */
	async setFences(region: RegionId, role: FenceRole): Promise<void> {
		const peers = this.copies.filter((copy) => copy !== region);
		const leads = role === FenceRole.Leader || role === FenceRole.Fenced;
		const next: Omit<Fence, "seq"> = { role, epoch: this.epoch, mode: "guarded", leader: leads ? region : this.leader, peers, buckets: 2 };
		const store = this.plane.store(region);
		const present = store.buckets.get(`${P}#0`)?.fence;
		const expect = present === undefined ? "absent" : {};
		await store.changeFences(
			P,
			bucketsOf(P, 2).map(({ bucket }) => ({ bucket, expect, next })),
		);
	}

	/** Delivers the stream record of some key at some region, whether or not there is one: records come late, twice and in any order. */
	async deliverSomething(): Promise<void> {
		const key = KEYS[this.below(KEYS.length)] ?? "";
		const region = REGIONS[this.below(REGIONS.length)] ?? EU;
		await carryKeys({ stores: (where) => this.plane.store(where), region }, { ref: refOf(key), keys: [key] });
	}

	/** Fences the leader, brings the target up to date, and lets it lead. Who else follows learns of it later, or never. */
	async transfer(to: RegionId): Promise<void> {
		const from = this.leader;
		await this.setFences(from, FenceRole.Fenced);
		await this.#copy(from, to, this.epoch);
		this.epoch += 1;
		this.leader = to;
		await this.setFences(to, FenceRole.Leader);
		await turns(this.below(30));
		await this.setFences(from, FenceRole.Follower);
	}

	/** A migration that ends where it began: the epoch goes on, and the leader stays. */
	async cancel(): Promise<void> {
		this.epoch += 1;
		await this.setFences(this.leader, FenceRole.Leader);
	}

	async raiseFollowers(): Promise<void> {
		for (const region of this.copies) {
			await turns(this.below(20));
			if (region !== this.leader) await this.setFences(region, FenceRole.Follower);
		}
	}

	/** Takes a copy away while it is being read, and brings it back empty, then filled. */
	async removeAndReturn(region: RegionId): Promise<void> {
		this.epoch += 1;
		this.copies = this.copies.filter((copy) => copy !== region);
		await this.setFences(this.leader, FenceRole.Leader);
		await this.raiseFollowers();
		await this.setFences(region, FenceRole.Removing);
		for (const { items } of this.plane.store(region).buckets.values()) {
			await turns(this.below(6));
			items.clear();
		}
		await this.setFences(region, FenceRole.Moved);
		await turns(this.below(60));
		this.epoch += 1;
		await this.setFences(region, FenceRole.Joining);
		this.copies = [...this.copies, region];
		await this.setFences(this.leader, FenceRole.Leader);
		await this.#copy(this.leader, region, this.epoch);
		await this.setFences(region, FenceRole.Follower);
		await this.raiseFollowers();
	}

	async #copy(from: RegionId, to: RegionId, epoch: number): Promise<void> {
		for (const ref of bucketsOf(P, 2)) {
			const { entries } = await this.plane.store(from).listItems(ref, { limit: 1000 });
			if ((await this.plane.store(to).carryItems(ref, entries, { epoch })) === "refused") throw new Error(`${to} refused its copy`);
		}
	}

	#watchWrites(region: RegionId): void {
		const store = this.plane.store(region);
		const write = store.writeGuarded.bind(store);
		store.writeGuarded = async (ref, item, epoch): Promise<WriteOutcome> => {
			const outcome = await write(ref, item, epoch);
			const { key, requestId, content } = item;
			const value = content === undefined ? undefined : Buffer.from(content.body).toString();
			if (outcome.kind === "written")
				this.written.push({ key, version: outcome.version, value, requestId, acceptedAtMs: this.plane.clock.nowMs() });
			return outcome;
		};
	}
}

const refOf = (key: string): BucketRef => ({ partition: P, bucket: bucketOf(key, 2) });
