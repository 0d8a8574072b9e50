import type { RegionId } from "#domain/geography/region-id.ts";
import { deciderOf, decisionOf } from "#domain/migration/cutover-decision.ts";
import {
	isLeading,
	isPromotionId,
	type PromotionRefused,
	type PromotionRequest,
	refusedPromotion as refused,
	type SeenFence,
} from "#domain/migration/promotion/promotion.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import { allowsCopyIn, type PartitionRecord, Phase, type Promotion } from "#domain/partition/record.ts";

/** Everything that is known of a partition whose leader may be lost. */
export interface PromotionView {
	readonly record: PartitionRecord;
	/** The migration that holds the partition, or held it when an unfinished promotion began. */
	readonly migration: MigrationRecord | undefined;
	/** Of every region that `regionsToLookAt` names. */
	readonly fences: ReadonlyMap<RegionId, SeenFence>;
}

export type PromotionVerdict =
	| ({ readonly kind: "promote" } & Pick<Promotion, "epoch" | "keep" | "lost" | "committed">)
	/** The target leads as the record says: there is nothing to do. */
	| { readonly kind: "leads" }
	| PromotionRefused;

/** Who might lead, by everything but their fences. */
interface Stand {
	readonly suspects: readonly RegionId[];
	/** A copy at a lower epoch lacks what was written since. */
	readonly floor: number;
	/** Free whatever the outcome of a migration was. */
	readonly epoch: number;
	/** False: more than one outcome is possible, and each may have taken writes. */
	readonly certain: boolean;
	/** Whether a migration is known to have moved leadership. */
	readonly committed: boolean;
}

/** The regions that hold a copy, or may have begun to. */
export function regionsToLookAt(record: PartitionRecord, migration: MigrationRecord | undefined): readonly RegionId[] {
	const { promotion } = record;
	const plan = migration?.plan;
	return [
		...new Set([
			record.leader,
			...record.followers,
			...(plan === undefined ? [] : [plan.replicas.leaderBefore, ...plan.replicas.followersBefore, ...plan.joins]),
			...(promotion === undefined ? [] : [promotion.target, ...promotion.keep, ...promotion.lost]),
		]),
	];
}

/** Whether `target` may lead without the old leader's consent, and what becomes of the other copies. Pure. */
export function judgePromotion(view: PromotionView, request: PromotionRequest): PromotionVerdict {
	const { record, fences } = view;
	const { target } = request;
	const seen = fences.get(target);
	if (seen === undefined) return refused("promotion.not-a-copy", `${target} holds no copy`);
	if (!allowsCopyIn(record, target)) return refused("promotion.residency", `the partition's residency rule excludes ${target}`);
	if (seen === "unreachable") return refused("promotion.target-unreachable", `${target} does not answer`);
	if (record.phase === Phase.Active && target === record.leader && isLeading(fenceOf(seen))) return { kind: "leads" };
	const stand = standOf(view);
	// One that leads by now, because a migration committed in the last moment, loses nothing by it.
	if (record.promotion !== undefined && !request.mayLoseWrites && !leads(seen, stand.floor))
		return refused("promotion.under-way", `${record.promotion.target} is being promoted; another choice needs mayLoseWrites`);
	const refusal = checkLeaders(view, request, stand) ?? checkTarget(view, request, stand);
	return refusal ?? { kind: "promote", epoch: stand.epoch, committed: stand.committed, ...replicasOf(view, target, stand) };
}

function standOf(view: PromotionView): Stand {
	const { record, migration } = view;
	const stand = migration === undefined ? settled(record) : midway(view, migration);
	const { promotion } = record;
	if (promotion === undefined) return stand;
	// The promotion under way may have been carried out where nobody sees it.
	const certain = stand.certain && view.fences.get(promotion.target) !== "unreachable";
	return { ...stand, suspects: [...new Set([...stand.suspects, promotion.target])], epoch: promotion.epoch + 2, certain };
}

const settled = ({ leader, epoch }: PartitionRecord): Stand => ({
	suspects: [leader],
	floor: epoch,
	epoch: epoch + 2,
	certain: true,
	committed: false,
});

function midway({ record, fences }: PromotionView, migration: MigrationRecord): Stand {
	const { source, epoch, plan } = migration;
	if (plan.transfer === undefined) return { suspects: [source], floor: epoch, epoch: epoch + 3, certain: true, committed: false };
	const both = [source, plan.transfer];
	const decider = fences.get(deciderOf(migration).region);
	if (migration.decision === undefined && decider === "unreachable")
		return { suspects: both, floor: epoch, epoch: epoch + 3, certain: false, committed: false };
	const decision = migration.decision ?? decisionOf(migration, fenceOf(decider));
	if (decision !== "committed") return { suspects: both, floor: epoch, epoch: epoch + 2, certain: true, committed: false };
	// Where it was going back, the old leader may lead again at the epoch after.
	const goesBack = record.phase === Phase.RollingBack;
	const certain = !goesBack || fences.get(source) !== "unreachable";
	return { suspects: both, floor: epoch + 1, epoch: epoch + (goesBack ? 4 : 3), certain, committed: true };
}

function checkLeaders({ record, fences }: PromotionView, request: PromotionRequest, stand: Stand): PromotionRefused | undefined {
	const { target, confirmedOff, mayLoseWrites } = request;
	const others = stand.suspects.filter((region) => region !== target);
	const alive = others.find((region) => leads(fences.get(region), stand.floor));
	if (alive !== undefined)
		return refused("promotion.leader-reachable", `${alive} leads and answers: move leadership by a migration, or promote ${alive}`);
	const silent = others.filter((region) => fences.get(region) === "unreachable");
	// One that cannot be finished is undone by it: whoever leads anyway goes on.
	const isNeeded = record.promotion !== undefined || !leads(fences.get(target), stand.floor);
	if (silent.length === 0) return isNeeded ? undefined : refused("promotion.not-needed", "every region that might lead answers");
	if (mayLoseWrites) return undefined;
	if (!stand.certain)
		return refused("promotion.decision-unknown", `${silent.join(", ")} may have taken the lead and writes; this needs mayLoseWrites`);
	// One that does not answer for a moment is not off: each has to be named.
	const doubtful = silent.filter((region) => !confirmedOff.includes(region));
	if (doubtful.length === 0) return undefined;
	return refused("promotion.not-confirmed-off", `${doubtful.join(", ")} may still take writes: confirm that it is off, or allow losses`);
}

function checkTarget(view: PromotionView, { target, mayLoseWrites }: PromotionRequest, stand: Stand): PromotionRefused | undefined {
	const seen = fenceOf(view.fences.get(target));
	if (leads(seen, stand.floor) && stand.suspects.includes(target)) return undefined;
	if (!isComplete(view, target)) return refused("promotion.not-a-follower", `${target} holds no complete copy`);
	if (mayLoseWrites || (seen?.epoch ?? 0) >= stand.floor) return undefined;
	return refused("promotion.follower-behind", `${target} has not followed since epoch ${stand.floor}; this needs mayLoseWrites`);
}

/** Whether a region belongs to the replica set and its fence says that the copy is whole. */
function isComplete({ record, migration, fences }: PromotionView, region: RegionId): boolean {
	const { leaderBefore, followersBefore = [] } = migration?.plan.replicas ?? {};
	const listed = [record.leader, ...record.followers, leaderBefore, ...followersBefore, record.promotion?.target].includes(region);
	const fence = fenceOf(fences.get(region));
	return listed && fence !== undefined && (fence.role === FenceRole.Follower || isLeading(fence));
}

/**
 * A suspect that an unfinished promotion has seized may hold writes that nobody else has seen: it is left behind, and they are listed. So is
 * a new copy of the migration even where none is yet: a stage that has noted it, or is about to, may still make it.
 */
function replicasOf(view: PromotionView, target: RegionId, { suspects }: Stand): { keep: readonly RegionId[]; lost: readonly RegionId[] } {
	const others = [...view.fences.keys()].filter((region) => region !== target);
	const keep = others.filter((region) => {
		const fence = fenceOf(view.fences.get(region));
		const mayOwe = suspects.includes(region) && isPromotionId(fence?.migrationId);
		return isComplete(view, region) && fence?.role === FenceRole.Follower && !mayOwe;
	});
	const mayAppear = view.migration?.plan.joins ?? [];
	const lost = others.filter((region) => !keep.includes(region) && (view.fences.get(region) !== "absent" || mayAppear.includes(region)));
	return { keep, lost };
}

const fenceOf = (seen: SeenFence | undefined): Fence | undefined => (typeof seen === "object" ? seen : undefined);

const leads = (seen: SeenFence | undefined, floor: number): boolean => isLeading(fenceOf(seen)) && (fenceOf(seen)?.epoch ?? 0) >= floor;
