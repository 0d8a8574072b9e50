import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, type FenceChange, FenceRole } from "#domain/partition/fence.ts";
import type { StoredItem } from "#domain/partition/item.ts";
import type { BucketRef, PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { compareVersions, etagOf, type Version } from "#domain/partition/version.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";
import type { CopyEvent } from "#domain/ports/migration-store.ts";
import type { HeldVersion } from "#domain/ports/regional-store.ts";
import { type History, valueIn } from "#simulation/check/history.ts";
import { ABSENT } from "#simulation/check/linearizability.ts";
import type { Inherited } from "#simulation/check/promotion-mark.ts";
import { Invariant, type Violations } from "#simulation/check/violations.ts";
import type { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import type { StoreWatch } from "#simulation/stores/remote-store.ts";
import type { Crowd } from "#simulation/world/crowd.ts";

/** The invocation that does what is observed. */
export interface Doer {
	readonly label: string;
	/** Virtual time at which the invocation began. */
	readonly startedAtMs: number;
}

/** A deletion under way: what has been read since the copy's fence said removing. */
interface Removal {
	readonly leader: RegionId;
	readonly seen: Set<RegionId>;
}

export interface ObserverParts {
	readonly violations: Violations;
	readonly history: History;
	readonly stores: ReadonlyMap<RegionId, MemoryRegionalStore>;
	readonly excluded: readonly RegionId[];
	/** Whether clients reach a region again that was closed to them: its leader was vouched for and may not know yet that it was left behind. */
	readonly isOpenAgain: (region: RegionId) => boolean;
	/** Holds what happens against the evidence of the canary. */
	readonly crowd: Pick<Crowd, "recorded" | "moved">;
	/** The audit of copies. */
	readonly copies: ReadonlyMap<string, CopyEvent>;
	readonly trace: (line: () => string) => void;
}

/** What labels of invocations begin with that carry out a promotion. */
export const PROMOTES = "promotion";

const isLeader = (fence: Fence | undefined): boolean => fence?.role === FenceRole.Leader || fence?.role === FenceRole.Fenced;

/** Looks at every change in the moment it takes effect and holds it against the invariants that can be told there. */
export class Observer {
	readonly #parts: ObserverParts;
	readonly #leaders = new Map<string, RegionId>();
	/** The version that a region holds, by region and key. */
	readonly #versions = new Map<string, Version>();
	readonly #removals = new Map<string, Removal>();
	/** Since when the present freeze is in force; undefined while there is none. */
	#frozenSinceMs: number | undefined;
	#freeze: Freeze = { global: false, regions: [] };
	#partitionFrozen = false;
	/** The newest version of each key that was set aside before its copy was discarded; by region and key, and by key alone. */
	readonly #kept = new Map<string, Version>();
	readonly kept = new Map<string, Version>();
	/** Whether the promotion under way may lose writes. */
	#mayLoseWrites = false;
	/** Migrations that have claimed the partition, and promotions that have come to their end. */
	claims = 0;
	promotions = 0;

	constructor(parts: ObserverParts) {
		this.#parts = parts;
	}

	/** What one invocation does to stores. */
	watch(doer: Doer): StoreWatch {
		return {
			fencesChanged: (region, partition, changes) => this.#fencesChanged(doer, region, partition, changes),
			deleted: (region, ref, held) => this.#deleted(doer, region, ref, held),
		};
	}

	/** A bucket was listed to its end. */
	listed(region: RegionId, ref: BucketRef): void {
		for (const removal of this.#removalsOf(ref)) removal.seen.add(region);
	}

	/** An item was put in a region's table. */
	put(region: RegionId, ref: BucketRef, item: StoredItem, by: "write" | "carry"): void {
		const { violations, history, excluded } = this.#parts;
		violations.expect(!excluded.includes(region), Invariant.Residency, () => `${item.key} was put in ${region}`);
		const id = `${region} ${item.key}`;
		const before = this.#versions.get(id);
		this.#versions.set(id, item.version);
		const grows = before === undefined || compareVersions(item.version, before) >= 0;
		violations.expect(grows, Invariant.Version, () => `${item.key} in ${region} goes back to ${etagOf(item.version)} by a ${by}`);
		if (history.written(item) !== "repeated") return;
		violations.add(Invariant.Version, `${item.key} has two contents at ${etagOf(item.version)} (${by} in ${region}, bucket ${ref.bucket})`);
	}

	/** A write that a promotion gave up was kept beside the copy. */
	setAside(region: RegionId, { key, version }: StoredItem): void {
		this.#kept.set(`${region} ${key}`, version);
		const known = this.kept.get(key);
		if (known === undefined || compareVersions(version, known) > 0) this.kept.set(key, version);
	}

	/** The partition's record was changed in the control region. */
	recorded(doer: Doer, before: PartitionRecord | undefined, after: PartitionRecord): void {
		const { violations, crowd } = this.#parts;
		if (after.promotion !== undefined) this.#mayLoseWrites = after.promotion.mayLoseWrites;
		crowd.recorded(doer, before, after);
		violations.expect(
			before === undefined || after.epoch >= before.epoch,
			Invariant.OneLeader,
			() => `the record goes back to epoch ${after.epoch}`,
		);
		if (before?.phase !== Phase.Active || after.phase !== Phase.Migrating) return;
		this.claims += 1;
		violations.expect(!this.#stopped(doer, [after.leader]), Invariant.Freeze, () => `${doer.label} claims the partition in a freeze`);
	}

	/** The freeze switches were set, at a moment of virtual time. */
	frozen(freeze: Freeze, partition: boolean, nowMs: number): void {
		this.#freeze = freeze;
		this.#partitionFrozen = partition;
		const any = freeze.global || freeze.regions.length > 0 || partition;
		this.#frozenSinceMs = any ? nowMs : undefined;
	}

	#stopped(doer: Doer, regions: readonly RegionId[]): boolean {
		if (this.#frozenSinceMs === undefined || this.#frozenSinceMs > doer.startedAtMs) return false;
		return this.#freeze.global || this.#partitionFrozen || regions.some((region) => this.#freeze.regions.includes(region));
	}

	#fencesChanged(doer: Doer, region: RegionId, partition: PartitionId, changes: readonly FenceChange[]): void {
		const { violations, trace, excluded } = this.#parts;
		for (const { bucket, next } of changes) {
			if (next === "delete") continue;
			if (bucket === 0) trace(() => `  ${region} -> ${next.role} e${next.epoch} ${next.mode} by ${doer.label}`);
			const holds = next.role !== FenceRole.Moved && next.role !== FenceRole.Aborted;
			violations.expect(!holds || !excluded.includes(region), Invariant.Residency, () => `a copy is ${next.role} in ${region}`);
			if (next.role === FenceRole.Joining) this.#joined(region, partition, next.migrationId);
			if (next.role === FenceRole.Leader) this.#led(doer, region, bucket, next.epoch);
			const id = `${region} ${partition}#${bucket}`;
			if (bucket === 0 && next.role === FenceRole.Leader && doer.label.startsWith(PROMOTES)) this.#promoted(region, partition, next.epoch);
			if (next.role === FenceRole.Removing) this.#removals.set(id, { leader: next.leader, seen: new Set() });
			else this.#removals.delete(id);
		}
	}

	#joined(region: RegionId, partition: PartitionId, cause: string | undefined): void {
		const { violations, copies } = this.#parts;
		const isNoted = [...copies.values()].some((one) => one.partition === partition && one.region === region && one.cause === cause);
		violations.expect(isNoted, Invariant.Residency, () => `a copy joins in ${region} of which the audit knows nothing`);
	}

	/** What the new leader holds in this moment is what there is. */
	#promoted(region: RegionId, partition: PartitionId, epoch: number): void {
		const { history, stores, isOpenAgain } = this.#parts;
		const inherited = new Map<string, Inherited>();
		for (const [id, { items }] of stores.get(region)?.buckets ?? []) {
			if (!id.startsWith(`${partition}#`)) continue;
			for (const { key, version, deleted, body } of items.values())
				inherited.set(key, { version, value: deleted ? ABSENT : valueIn(body) });
		}
		const leads = [...stores].filter(([other, table]) => other !== region && isLeader(table.buckets.get(`${partition}#0`)?.fence));
		this.promotions += 1;
		history.promoted(epoch, inherited, this.#mayLoseWrites || leads.some(([other]) => isOpenAgain(other)));
	}

	#led(doer: Doer, region: RegionId, bucket: number, epoch: number): void {
		const { violations } = this.#parts;
		const id = `${bucket}/${epoch}`;
		const known = this.#leaders.get(id);
		if (known === region) return;
		this.#leaders.set(id, region);
		violations.expect(known === undefined, Invariant.OneLeader, () => `${known} and ${region} both led bucket ${bucket} at epoch ${epoch}`);
		const before = this.#leaders.get(`${bucket}/${epoch - 1}`);
		const isMove = before !== undefined && before !== region && doer.label.includes("Cutover");
		if (isMove && bucket === 0) this.#parts.crowd.moved(before, region);
		violations.expect(
			!isMove || !this.#stopped(doer, [before, region]),
			Invariant.Freeze,
			() => `${doer.label} moves leadership to ${region} in a freeze`,
		);
	}

	/** Every key that goes must be at the leader, and whoever deletes must have looked: at the whole copy and at the whole leader. */
	#deleted(doer: Doer, region: RegionId, ref: BucketRef, held: readonly HeldVersion[]): void {
		const { violations, stores } = this.#parts;
		for (const { key } of held) this.#versions.delete(`${region} ${key}`);
		const id = `${ref.partition}#${ref.bucket}`;
		const removal = this.#removals.get(`${region} ${id}`);
		violations.expect(
			removal !== undefined,
			Invariant.Proof,
			() => `${doer.label} deletes in ${region}, whose fence does not say removing`,
		);
		if (removal === undefined) return;
		// A lost copy is compared with whoever leads when it returns; by the time it is discarded that may be another.
		const isReturned = doer.label.startsWith(PROMOTES);
		const proved = removal.seen.has(region) && (isReturned ? removal.seen.size > 1 : removal.seen.has(removal.leader));
		violations.expect(
			proved,
			Invariant.Proof,
			() => `${doer.label} deletes in ${region} without having compared it with ${removal.leader}`,
		);
		const leader = stores.get(isReturned ? this.#present(id, removal.leader) : removal.leader)?.buckets.get(id);
		for (const { key, version } of held) {
			const there = [leader?.items.get(key)?.version, this.#kept.get(`${region} ${key}`)];
			const dominated = there.some((one) => one !== undefined && compareVersions(one, version) >= 0);
			violations.expect(
				dominated,
				Invariant.Proof,
				() => `${doer.label} deletes ${key} in ${region}, which ${removal.leader} does not have`,
			);
		}
	}

	/** The region that leads a bucket at the highest epoch. */
	#present(id: string, known: RegionId): RegionId {
		const fences = [...this.#parts.stores].map(([region, table]) => ({ region, fence: table.buckets.get(id)?.fence }));
		const leaders = fences.filter(({ fence }) => isLeader(fence)).sort((a, b) => (b.fence?.epoch ?? 0) - (a.fence?.epoch ?? 0));
		return leaders[0]?.region ?? known;
	}

	*#removalsOf({ partition, bucket }: BucketRef): Iterable<Removal> {
		for (const [id, removal] of this.#removals) if (id.endsWith(` ${partition}#${bucket}`)) yield removal;
	}
}
