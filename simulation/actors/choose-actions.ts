import type { RegionId } from "#domain/geography/region-id.ts";
import type { PlanAction } from "#domain/migration/request.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { Move, type PlannedMigration, type Scenario } from "#simulation/scenario.ts";

/** The actions of a planned move on a replica set as it is by now; undefined where no such move is possible. */
export function actionsFor(
	{ move, choice }: Pick<PlannedMigration, "move" | "choice">,
	{ leader, followers }: Pick<PartitionRecord, "leader" | "followers">,
	{ regions, excluded }: Pick<Scenario, "regions" | "excluded">,
): readonly PlanAction[] | undefined {
	const barred = excluded.flatMap((index) => regions[index] ?? []);
	const free = regions.filter((region) => region !== leader && !followers.includes(region) && !barred.includes(region));
	const pick = (from: readonly RegionId[]): RegionId | undefined => from[choice % from.length];
	const join = pick(free);
	const standing = pick(followers);
	const newLeader = join ?? standing;
	switch (move) {
		case Move.Classic:
		case Move.KeepSource: {
			if (newLeader === undefined) return undefined;
			const removal = move === Move.Classic ? [{ removeFollower: leader }] : [];
			return [...(join === undefined ? [] : [{ addFollower: join }]), { transferLeadership: newLeader }, ...removal];
		}
		case Move.AddFollower:
			return join === undefined ? undefined : [{ addFollower: join }];
		case Move.Transfer:
			return standing === undefined ? undefined : [{ transferLeadership: standing }];
		case Move.RemoveFollower:
			return standing === undefined ? undefined : [{ removeFollower: standing }];
		case Move.Excluded: {
			const target = pick(barred);
			return target === undefined ? undefined : [{ addFollower: target }, { transferLeadership: target }];
		}
		case Move.Reshape: {
			if (standing === undefined) return undefined;
			return [...(join === undefined ? [] : [{ addFollower: join }]), { transferLeadership: standing }, { removeFollower: leader }];
		}
	}
}
