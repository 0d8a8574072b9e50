import type { RegionId } from "#domain/geography/region-id.ts";
import { type Fence, FenceRole } from "#domain/partition/fence.ts";
import { assertNever } from "#domain/shared/assert-never.ts";

/** What a region may do with a request for buckets, by what their fences say. */
export type Standing =
	| { readonly kind: "lead"; readonly fence: Fence }
	/** In cutover: the decision is a moment away. */
	| { readonly kind: "wait" }
	/** Another region leads; undefined where the fence does not name one. */
	| { readonly kind: "elsewhere"; readonly leader: RegionId | undefined; readonly fence: Fence }
	/** No fence: ask the metadata. */
	| { readonly kind: "absent" }
	/** Not one state of one transaction: read them again. */
	| { readonly kind: "torn" };

/** The standing of `region` by the fences of all buckets that a request touches. Fences change together, so they must agree. */
export function standingOf(fences: readonly (Fence | undefined)[], region: RegionId): Standing {
	const [first] = fences;
	if (fences.some((fence) => fence?.role !== first?.role || fence?.epoch !== first?.epoch || fence?.mode !== first?.mode))
		return { kind: "torn" };
	if (first === undefined) return { kind: "absent" };
	switch (first.role) {
		case FenceRole.Leader:
			return { kind: "lead", fence: first };
		case FenceRole.Fenced:
			return { kind: "wait" };
		case FenceRole.Follower:
		case FenceRole.Joining:
		case FenceRole.Removing:
		case FenceRole.Moved:
		case FenceRole.Aborted:
			return { kind: "elsewhere", leader: first.leader === region ? undefined : first.leader, fence: first };
		default:
			return assertNever(first.role);
	}
}
