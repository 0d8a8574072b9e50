import type { RegionId } from "#domain/geography/region-id.ts";
import { OrphanKind } from "#domain/orphans/orphan.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";

/** What a region has of a partition. */
export interface CopyView {
	readonly region: RegionId;
	/** Undefined: none, or expired. */
	readonly fence: Pick<Fence, "role" | "epoch"> | undefined;
	/** Whether there is any item, tombstone or journal entry. */
	readonly holdsData: boolean;
}

/** The roles that say nothing is left here. */
const EMPTY_ROLES: readonly FenceRole[] = [FenceRole.Moved, FenceRole.Aborted];

const claimsCopy = ({ fence }: CopyView): boolean => fence !== undefined && !EMPTY_ROLES.includes(fence.role);

/** Whether nothing is left here, whatever the record says. */
export const isEmpty = (copy: CopyView): boolean => !claimsCopy(copy) && !copy.holdsData;

/**
 * Whether a record, read after the copy, explains it; undefined: it does. While a migration holds the partition every copy may be one
 * in the making or on its way out, so nothing is judged.
 */
export function judgeCopy(copy: CopyView, record: PartitionRecord | undefined): OrphanKind | undefined {
	const { region } = copy;
	if (isEmpty(copy)) return undefined;
	if (record === undefined) return OrphanKind.NoRecord;
	// Left behind by a promotion: reclaiming it lists what it has acknowledged before anything is deleted.
	if (record.lost?.some((copy) => copy.region === region)) return undefined;
	if (record.phase !== Phase.Active || record.leader === region || record.followers.includes(region)) return undefined;
	return claimsCopy(copy) ? OrphanKind.NotInRecord : OrphanKind.Leftover;
}
